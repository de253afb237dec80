import assert from "node:assert/strict";
import { parseArguments } from "./arguments";

describe("the arguments of npm run lifecycle", () => {
  it("are an environment, its configuration, changes in their order, and files", () => {
    const args = "dev --config egress=single-nat --config instanceCount=2 --state s --report r --record wide";
    const changes = "--then certificateArn=moto --then rotationDays=0,rotationWindowHours=3";
    assert.deepEqual(parseArguments(`${args} ${changes}`.split(" ")), {
      project: ".",
      environment: "dev",
      config: { egress: "single-nat", instanceCount: "2" },
      changes: [{ certificateArn: "moto" }, { rotationDays: "0", rotationWindowHours: "3" }],
      stateFile: "s",
      reportFile: "r",
      recording: "wide",
    });
  });

  it("keep the commas of a value, and an empty value", () => {
    const settings = "rotationScheduleExpression=cron(0 3 ? * SUN,WED *),rotationDays=";
    assert.deepEqual(parseArguments(["dev", "--then", settings]).changes, [
      { rotationScheduleExpression: "cron(0 3 ? * SUN,WED *)", rotationDays: "" },
    ]);
  });

  it("may name another project, with its own keys and stacks", () => {
    const args = ["dev", "--project", "examples/existing-aurora"];
    assert.equal(parseArguments(args).project, "examples/existing-aurora");
    assert.throws(() => parseArguments([...args, "--config", "instanceCount=2"]), /accepted is one of existingNetwork/);
    assert.throws(
      () => parseArguments(["prod", ...args.slice(1)]),
      /environment: received "prod"; accepted is one of dev/,
    );
    assert.throws(() => parseArguments(["dev", "--project", "docs"]), /--project: received "docs"/);
  });

  const wrong: [args: string[], message: RegExp][] = [
    [[], /environment: received ""; accepted is one of .*dev/],
    [["staging"], /environment: received "staging"/],
    [["dev", "prod"], /received "dev prod"/],
    [["dev", "--config", "egress"], /--config: received "egress"; accepted is key=value/],
    [["dev", "--then", "=3"], /--then: received "=3"/],
    [["dev", "--then", "instances=3"], /the key of --then: received "instances"; accepted is one of .*instanceCount/],
    [["dev", "--record", "../dev"], /--record: received "..\/dev"; accepted is a name/],
    [["dev", "--now"], /--now/],
  ];
  for (const [args, message] of wrong) {
    it(`are refused: "${args.join(" ")}"`, () => {
      assert.throws(() => parseArguments(args), message);
    });
  }
});
