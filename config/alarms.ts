import type { ConfigReader } from "./reader";

/**
 * What CloudWatch can call when an alarm fires, limited to what notifies people:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const actionServices = ["sns", "lambda", "ssm", "ssm-incidents"];

export function readAlarms(reader: ConfigReader, region: string) {
  return {
    alarmEmail: reader.optionalText(
      "alarmEmail",
      (address) => /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(address),
      "one e-mail address",
    ),
    alarmActionArns: readActionArns(reader, region),
    trailName: reader.optionalText(
      "trailName",
      (name) => /^[A-Za-z0-9](?:[._-]?[A-Za-z0-9]){2,127}$/.test(name),
      "the name of a trail, 3 to 128 letters, digits, and . _ - between them",
    ),
  };
}

function readActionArns(reader: ConfigReader, region: string): string[] {
  const arn = new RegExp(`^arn:aws:(${actionServices.join("|")}):(${region}|):\\d{12}:\\S+$`);
  const split = (text: string): string[] => text.split(",").map((part) => part.trim());
  const text = reader.optionalText(
    "alarmActionArns",
    (arns) => split(arns).every((part) => arn.test(part)),
    `ARNs of ${actionServices.join(", ")} in ${region}, with commas between them`,
  );
  return text === undefined ? [] : split(text);
}
