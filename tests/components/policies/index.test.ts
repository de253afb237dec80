import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import {
  assumeRolePolicy,
  bootstrapStatements,
  denyNetworkInterfaces,
  flowLogStatements,
  pullImageStatements,
  readSecretStatements,
  rotationStatements,
  traceStatement,
  writeLogsStatement,
} from "../../../components/policies";
import { register } from "../../support/mocks";

const region = "us-east-1";
const keyArn = "arn:aws:kms:us-east-1:123456789012:key/1";
const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:todo-AbCdEf";
const superuserSecret = {
  secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1-AbCdEf",
  keyArn: "arn:aws:kms:us-east-1:123456789012:key/2",
};

/** The document as IAM gets it. */
async function resolve(document: unknown): Promise<unknown> {
  const { result } = await register(() => pulumi.jsonStringify(document));
  return JSON.parse(result) as unknown;
}

const useKey = (Sid: string, Action: string[], secret: string, key = keyArn) => ({
  Sid,
  Effect: "Allow",
  Action,
  Resource: key,
  Condition: {
    StringEquals: {
      "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
      "kms:EncryptionContext:SecretARN": [secret],
    },
  },
});
const readSuperuser = [
  {
    Sid: "ReadSuperuserSecret",
    Effect: "Allow",
    Action: "secretsmanager:GetSecretValue",
    Resource: superuserSecret.secretArn,
  },
  useKey("DecryptSuperuserSecret", ["kms:Decrypt"], superuserSecret.secretArn, superuserSecret.keyArn),
];
const rotateOwnSecret = [
  {
    Sid: "RotateSecret",
    Effect: "Allow",
    Action: [
      "secretsmanager:DescribeSecret",
      "secretsmanager:GetSecretValue",
      "secretsmanager:PutSecretValue",
      "secretsmanager:UpdateSecretVersionStage",
    ],
    Resource: [secretArn],
  },
  useKey("UseKeyForSecret", ["kms:Decrypt", "kms:GenerateDataKey"], secretArn),
];

describe("policies", () => {
  it("a single user's rotation touches only its own secret, never the superuser's", async () => {
    const statements = rotationStatements({ region, keyArn, secretArns: [secretArn], superuserSecret: undefined });
    assert.deepEqual(await resolve(statements), rotateOwnSecret);
  });

  it("the rotation of alternating users also reads the superuser's secret", async () => {
    const statements = rotationStatements({ region, keyArn, secretArns: [secretArn], superuserSecret });
    assert.deepEqual(await resolve(statements), [...rotateOwnSecret, ...readSuperuser]);
  });

  it("the bootstrap reads the superuser's secret and writes the application's, but moves no label", async () => {
    const statements = bootstrapStatements({ region, keyArn, secretArns: [secretArn], superuserSecret });
    assert.deepEqual(await resolve(statements), [
      {
        Sid: "WriteFirstValue",
        Effect: "Allow",
        Action: ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
        Resource: [secretArn],
      },
      useKey("UseKeyForSecret", ["kms:Decrypt", "kms:GenerateDataKey"], secretArn),
      ...readSuperuser,
    ]);
  });

  it("a reader of the secret reads and decrypts only that one", async () => {
    assert.deepEqual(await resolve(readSecretStatements({ region, keyArn, secretArn })), [
      { Sid: "ReadSecret", Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secretArn },
      useKey("DecryptSecret", ["kms:Decrypt"], secretArn),
    ]);
  });

  it("no policy uses * as a resource, except for calls that name none", async () => {
    const all = (await resolve([
      ...rotationStatements({ region, keyArn, secretArns: [secretArn], superuserSecret }),
      ...bootstrapStatements({ region, keyArn, secretArns: [secretArn], superuserSecret }),
      ...pullImageStatements("arn:aws:ecr:us-east-1:123456789012:repository/todo"),
      ...flowLogStatements("arn:aws:logs:us-east-1:123456789012:log-group:network"),
      writeLogsStatement("arn:aws:logs:us-east-1:123456789012:log-group:todo"),
      traceStatement,
    ])) as { Sid: string; Resource: unknown; Action: string | string[] }[];
    const unbounded = all.filter(({ Resource }) => Resource === "*").map(({ Sid }) => Sid);
    assert.deepEqual(unbounded, ["LogInToRegistry", "FindLogGroup", "WriteTraces"]);
    assert(!JSON.stringify(all.map(({ Action }) => Action)).includes("*"), "no wildcard among the actions");
  });

  it("logs are written to one group and its streams", async () => {
    const logGroupArn = "arn:aws:logs:us-east-1:123456789012:log-group:todo";
    assert.deepEqual(await resolve(writeLogsStatement(logGroupArn)), {
      Sid: "WriteLogs",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: [logGroupArn, `${logGroupArn}:*`],
    });
  });

  it("a function's code may not touch the network interfaces that its role creates for Lambda", async () => {
    const functionArn = "arn:aws:lambda:us-east-1:123456789012:function:rotate";
    const { Effect, Condition, Action } = (await resolve(denyNetworkInterfaces(functionArn))) as Record<
      string,
      unknown
    >;
    assert.equal(Effect, "Deny");
    assert.deepEqual(Condition, { ArnEquals: { "lambda:SourceFunctionArn": functionArn } });
    assert((Action as string[]).includes("ec2:CreateNetworkInterface"));
  });

  it("a service may assume a role only for this account's resources, if it says whose they are", async () => {
    const base = { Effect: "Allow", Action: "sts:AssumeRole" };
    assert.deepEqual(await resolve(assumeRolePolicy("ecs-tasks.amazonaws.com", "123456789012")), {
      Version: "2012-10-17",
      Statement: [
        {
          ...base,
          Principal: { Service: "ecs-tasks.amazonaws.com" },
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        },
      ],
    });
    assert.deepEqual(await resolve(assumeRolePolicy("lambda.amazonaws.com")), {
      Version: "2012-10-17",
      Statement: [{ ...base, Principal: { Service: "lambda.amazonaws.com" } }],
    });
  });
});
