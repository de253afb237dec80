import * as pulumi from "@pulumi/pulumi";
import { readAdditionalUsers, type UserSettings } from "./additional-users";
import { readAlarms } from "./alarms";
import { readContainer } from "./container";
import { readDatabaseNames } from "./database-names";
import { readExisting } from "./existing";
import { refuseRegion, refuseStackName } from "./place";
import { readNetwork } from "./network";
import { ConfigReader } from "./reader";
import { readSchedule, type Schedule } from "./rotation-schedule";
import { fargateCpuUnits, fargateMemoryMib, isEcrImage, isFloating, parseImage } from "./service";

/** One stack's configuration, checked. Pulumi.yaml says what each key means and holds its default. */
export type StackConfig = ReturnType<typeof readConfig>;

/** The account in AWS's documentation: it holds no real resources. */
const exampleAccount = "111122223333";
const cloudWatchRetentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/**
 * Reads and checks the configuration of the current stack.
 *
 * @throws pulumi.RunError with every refused key, what was received and what is accepted, before any resource exists
 */
export function loadStackConfig(): StackConfig {
  const region = new pulumi.Config("aws").get("region") ?? "";
  const reader = new ConfigReader(pulumi.getProject(), ownConfig());
  const config = readConfig(reader, region);
  reader.refuseKeysNotRead();
  reader.findings.push(...refuseRegion(region), ...refuseStackName(`${config.project}-${config.stack}`, config.stack));
  if (reader.findings.length > 0) {
    const lines = reader.findings.map((finding) => `\n  ${finding}`).join("");
    throw new pulumi.RunError(
      `The configuration of stack ${pulumi.getStack()} is refused; nothing was registered.${lines}`,
    );
  }
  return config;
}

/** The values of this project's namespace, without it: aws:region and the like belong to the provider. */
function ownConfig(): ReadonlyMap<string, string> {
  const namespace = `${pulumi.getProject()}:`;
  const own = Object.entries(pulumi.runtime.allConfig()).filter(([key]) => key.startsWith(namespace));
  return new Map(own.map(([key, value]) => [key.slice(namespace.length), value]));
}

function readConfig(reader: ConfigReader, region: string) {
  const deletionProtection = reader.boolean("deletionProtection");
  const egress = reader.oneOf("egress", ["none", "single-nat", "nat-per-az"]);
  const rotationStrategy = reader.oneOf("rotationStrategy", ["single-user", "alternating-users"]);
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  const implementation = readRotationImplementation(reader);
  const { rotationWindowHours, ...schedule } = readRotationRules(reader);
  const { databaseName, username, ownerRole } = readDatabaseNames(reader);
  const existing = readExisting(reader);
  const secretNamePrefix = `${project}/${stack}/database/`;
  // Independent of the user's name: another name would mean another secret.
  const secretName = `${secretNamePrefix}todo`;
  const own: UserSettings = { username, secretName, access: "owner", strategy: rotationStrategy, ...schedule };
  // Where an existing network leads is for its own routes to say.
  const reachesEcrAlone = egress === "none" && existing.existingNetwork === undefined;
  const context = { own, ownerRole, ...implementation, rotationWindowHours, secretNamePrefix, region };
  return {
    project,
    stack,
    region,
    egress,
    deletionProtection,
    finalSnapshot: reader.boolean("finalSnapshot"),
    ...readNetwork(reader),
    ...readDatabase(reader),
    ...existing,
    databaseName,
    recoveryWindowInDays: reader.number(
      "recoveryWindowInDays",
      (days) => Number.isInteger(days) && (days === 0 || (days >= 7 && days <= 30)),
      "0 or a whole number from 7 to 30",
    ),
    rotationStrategy,
    ...implementation,
    ownerRole,
    /** The service's own user first. */
    users: [own, ...readAdditionalUsers(reader, context)] as const,
    rotateOnDeploy: reader.boolean("rotateOnDeploy"),
    ...readContainer(reader),
    ...readService(reader, { region, deletionProtection, reachesEcrAlone, rotationStrategy }),
    ...readAlarms(reader, region),
    logRetentionDays: reader.number(
      "logRetentionDays",
      (days) => cloudWatchRetentionDays.includes(days),
      cloudWatchRetentionDays.join(", "),
    ),
  };
}

function readDatabase(reader: ConfigReader) {
  const halfSteps = (min: number) => (acu: number) => acu >= min && acu <= 256 && acu % 0.5 === 0;
  const minCapacityAcu = reader.number("minCapacityAcu", halfSteps(0), "0 to 256 in steps of 0.5");
  const maxCapacityAcu = reader.number("maxCapacityAcu", halfSteps(1), "1 to 256 in steps of 0.5");
  if (minCapacityAcu > maxCapacityAcu) reader.refuse("minCapacityAcu", `at most maxCapacityAcu, ${maxCapacityAcu}`);
  const engineVersion = reader.text("engineVersion");
  const [, major, minor] = /^(\d+)(?:\.(\d+))?$/.exec(engineVersion) ?? [];
  if (!(Number(major) >= 16)) reader.refuse("engineVersion", "16 or later, for example 17 or 16.6");
  if (minCapacityAcu === 0 && Number(major) === 16 && Number(minor) < 3) {
    reader.refuse("engineVersion", "16.3 or later with minCapacityAcu 0: earlier versions cannot pause");
  }
  return {
    engineVersion,
    instanceCount: reader.integer("instanceCount", 1, 15),
    minCapacityAcu,
    maxCapacityAcu,
    secondsUntilAutoPause: reader.integer("secondsUntilAutoPause", 300, 86_400),
    backupRetentionDays: reader.integer("backupRetentionDays", 1, 35),
  };
}

/** A Lambda function's limit. AWS's function is named after the stack, so this limits the stack's name. */
const longestFunctionName = 64;

function readRotationImplementation(reader: ConfigReader) {
  const rotationImplementation = reader.oneOf("rotationImplementation", ["custom", "aws-provided"]);
  const longest = longestFunctionName - "-alternating-users".length;
  if (rotationImplementation === "aws-provided" && `${pulumi.getProject()}-${pulumi.getStack()}`.length > longest) {
    const accepted = `custom, or project and stack names of at most ${longest} characters together: AWS's function is named after them`;
    reader.refuse("rotationImplementation", accepted);
  }
  const rotationApplicationVersion = reader.text("rotationApplicationVersion");
  if (!/^(0|[1-9]\d{0,5})(\.(0|[1-9]\d{0,5})){2}$/.test(rotationApplicationVersion)) {
    reader.refuse("rotationApplicationVersion", "a semantic version, three numbers with dots between them: 1.1.671");
  }
  return { rotationImplementation, rotationApplicationVersion };
}

function readRotationRules(reader: ConfigReader): Schedule & { readonly rotationWindowHours: number } {
  const keys = {
    rotationDays: reader.integer("rotationDays", 0, 999),
    rotationScheduleExpression: reader.text("rotationScheduleExpression"),
    rotationWindowHours: reader.integer("rotationWindowHours", 0, 24),
  };
  const schedule = readSchedule(keys, (key, accepted) => {
    reader.refuse(key, accepted);
  });
  return { ...schedule, rotationWindowHours: keys.rotationWindowHours };
}

function readService(
  reader: ConfigReader,
  {
    region,
    deletionProtection,
    reachesEcrAlone,
    rotationStrategy,
  }: { region: string; deletionProtection: boolean; reachesEcrAlone: boolean; rotationStrategy: string },
) {
  const isAnImage = (image: string): boolean => parseImage(image) !== undefined;
  const serviceImage = reader.optionalText("serviceImage", isAnImage, "registry/repository:tag or …@sha256:digest");
  const image = parseImage(serviceImage ?? "");
  if (image && deletionProtection && isFloating(image)) {
    reader.refuse("serviceImage", "a fixed tag or digest, not latest, while deletionProtection is true");
  }
  if (image && reachesEcrAlone && !isEcrImage(image, region)) {
    reader.refuse(
      "serviceImage",
      `an ECR image of ${region} while egress is none: the endpoints reach no other registry`,
    );
  }
  const credentialDelivery = reader.oneOf("credentialDelivery", ["runtime", "environment"]);
  if (credentialDelivery === "environment" && rotationStrategy === "single-user") {
    reader.refuse(
      "credentialDelivery",
      "runtime with rotationStrategy single-user: tasks that hold the old password are refused until ECS replaces them; " +
        "with alternating-users it stays valid meanwhile",
    );
  }
  const cpuUnits = reader.number("cpuUnits", (units) => fargateCpuUnits.includes(units), fargateCpuUnits.join(", "));
  const memorySizes = fargateMemoryMib(Number.isNaN(cpuUnits) ? 256 : cpuUnits);
  const acceptedSizes = `${memorySizes.join(", ")} with cpuUnits ${cpuUnits}`;
  const certificateOfRegion = new RegExp(`^arn:aws:acm:${region}:\\d{12}:certificate/[\\w-]+$`);
  const certificateArn = reader.optionalText(
    "certificateArn",
    (arn) => certificateOfRegion.test(arn),
    `arn:aws:acm:${region}:account:certificate/id, in the stack's own region`,
  );
  if (certificateArn?.includes(`:${exampleAccount}:`)) {
    reader.refuse(
      "certificateArn",
      `the ARN of your own certificate in AWS Certificate Manager, in ${region}; this one is a placeholder. ` +
        "docs/deploying.md says how to request one",
    );
  }
  return {
    credentialDelivery,
    serviceImage,
    desiredCount: reader.integer("desiredCount", 1, 100),
    cpuUnits,
    memoryMib: reader.number("memoryMib", (size) => memorySizes.includes(size), acceptedSizes),
    certificateArn,
    containerInsights: reader.boolean("containerInsights"),
  };
}
