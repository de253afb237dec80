import assert from "node:assert/strict";
import { readAlarms } from "../../config/alarms";
import { itRefuses, readerOf } from "../support/configuration";

const defaults = { alarmEmail: "", alarmActionArns: "", trailName: "" };
const read = readerOf(defaults, (reader) => readAlarms(reader, "us-east-1"));

const topic = "arn:aws:sns:us-east-1:123456789012:pager";

describe("readAlarms", () => {
  it("reads empty settings as none", () => {
    const nothing = { alarmEmail: undefined, alarmActionArns: [], trailName: undefined };
    assert.deepEqual(read(), { values: nothing, findings: [] });
  });

  it("reads several actions, with or without blanks", () => {
    const lambda = "arn:aws:lambda:us-east-1:123456789012:function:page";
    const plan = "arn:aws:ssm-incidents::123456789012:response-plan/page";
    const { values, findings } = read({ alarmActionArns: `${topic}, ${lambda},${plan}` });
    assert.deepEqual([values.alarmActionArns, findings], [[topic, lambda, plan], []]);
  });

  const refused: [values: Record<string, string>, finding: RegExp][] = [
    [{ alarmEmail: "nobody" }, /accepted is one e-mail address/],
    [{ alarmEmail: "one@example.com,two@example.com" }, /one e-mail address/],
    [{ alarmActionArns: "pager" }, /accepted is ARNs of sns, lambda, ssm, ssm-incidents in us-east-1/],
    [{ alarmActionArns: `${topic},` }, /with commas between them/],
    [{ alarmActionArns: topic.replace("us-east-1", "eu-west-1") }, /in us-east-1/],
    [{ alarmActionArns: "arn:aws:s3:us-east-1:123456789012:bucket" }, /ARNs of sns/],
    [{ trailName: "ab" }, /3 to 128/],
    [{ trailName: "my trail" }, /letters, digits/],
    [{ trailName: "trail-" }, /between them/],
  ];
  itRefuses(refused, (values) => read(values).findings);

  it("accepts a trail's name", () => {
    assert.equal(read({ trailName: "management-events.all_1" }).values.trailName, "management-events.all_1");
  });
});
