import assert from "node:assert/strict";
import { readAlarms } from "../../config/alarms";
import { ConfigReader } from "../../config/reader";

function read(values: Readonly<Record<string, string>>) {
  const given = { alarmEmail: "", alarmActionArns: "", trailName: "", ...values };
  const reader = new ConfigReader("todo-rotation", new Map(Object.entries(given)));
  return { ...readAlarms(reader, "us-east-1"), findings: reader.findings };
}

const topic = "arn:aws:sns:us-east-1:123456789012:pager";

describe("readAlarms", () => {
  it("reads empty settings as none", () => {
    const nothing = { alarmEmail: undefined, alarmActionArns: [], trailName: undefined, findings: [] };
    assert.deepEqual(read({}), nothing);
  });

  it("reads several actions, with or without blanks", () => {
    const lambda = "arn:aws:lambda:us-east-1:123456789012:function:page";
    const plan = "arn:aws:ssm-incidents::123456789012:response-plan/page";
    const { alarmActionArns, findings } = read({ alarmActionArns: `${topic}, ${lambda},${plan}` });
    assert.deepEqual([alarmActionArns, findings], [[topic, lambda, plan], []]);
  });

  for (const [key, value, accepted] of [
    ["alarmEmail", "nobody", /accepted is one e-mail address/],
    ["alarmEmail", "one@example.com,two@example.com", /one e-mail address/],
    ["alarmActionArns", "pager", /accepted is ARNs of sns, lambda, ssm, ssm-incidents in us-east-1/],
    ["alarmActionArns", `${topic},`, /with commas between them/],
    ["alarmActionArns", topic.replace("us-east-1", "eu-west-1"), /in us-east-1/],
    ["alarmActionArns", "arn:aws:s3:us-east-1:123456789012:bucket", /ARNs of sns/],
    ["trailName", "ab", /3 to 128/],
    ["trailName", "my trail", /letters, digits/],
    ["trailName", "trail-", /between them/],
  ] as const) {
    it(`refuses ${key} "${value}"`, () => {
      const { findings } = read({ [key]: value });
      assert.equal(findings.length, 1);
      assert.match(findings[0] ?? "", accepted);
    });
  }

  it("accepts a trail's name", () => {
    assert.equal(read({ trailName: "management-events.all_1" }).trailName, "management-events.all_1");
  });
});
