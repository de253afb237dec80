import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { callAsItStands } from "../../support/aws-call";
import { secretsManagerForTests } from "../../support/secrets-manager";

/*
 * Answers of AWS, as recorded by LocalStack's public test suite
 * (tests/aws/services/secretsmanager/test_secretsmanager.snapshot.json at 8181a8e, recordings of 2022 to 2026): the
 * facts of each recording, by the name of its test. docs/reliability.md lists where the endpoint answers differently,
 * and why.
 */

interface Call {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /**
   * The fields of the answer apart from ARN and Name: "date" for any date, "v0" for the version that the input named
   * so.
   */
  readonly answer: Readonly<Record<string, unknown>>;
  /** @default 200 */
  readonly status?: number;
}

const nameMessage =
  "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
const notFound = "Secrets Manager can't find the specified secret";

const create: Call = {
  operation: "CreateSecret",
  input: { SecretString: "0", ClientRequestToken: "v0" },
  answer: { VersionId: "v0" },
};
const put = (version: string, stages: readonly string[] | undefined, labels = stages): Call => ({
  operation: "PutSecretValue",
  input: { SecretString: version, ClientRequestToken: version, ...(stages && { VersionStages: stages }) },
  answer: { VersionId: version, VersionStages: labels ?? ["AWSCURRENT"] },
});
const move = (stage: string, from: string, to?: string): Call => ({
  operation: "UpdateSecretVersionStage",
  input: { VersionStage: stage, RemoveFromVersionId: from, ...(to !== undefined && { MoveToVersionId: to }) },
  answer: {},
});
const list = (versions: Readonly<Record<string, readonly string[]>>, input = {}): Call => ({
  operation: "ListSecretVersionIds",
  input,
  answer: {
    Versions: Object.entries(versions).map(([VersionId, stages]) => ({
      ...{ VersionId, CreatedDate: "date", KmsKeyIds: ["DefaultEncryptionKey"] },
      ...(stages.length > 0 && { VersionStages: stages }),
    })),
  },
});
const refused = (operation: string, input: object, type: string, message: string): Call => ({
  ...{ operation, input: { ...input }, status: 400 },
  answer: { __type: type, message },
});
const noValue = (input: object, sought: string): Call =>
  refused("GetSecretValue", input, "ResourceNotFoundException", `${notFound} value for ${sought}`);
const createAgain = (type: string, message: string): Call =>
  refused("CreateSecret", { SecretString: "1" }, type, message);
const described = (fields: object, stages?: Readonly<Record<string, readonly string[]>>): Call => ({
  operation: "DescribeSecret",
  input: {},
  answer: { CreatedDate: "date", LastChangedDate: "date", ...fields, ...(stages && { VersionIdsToStages: stages }) },
});
const deleted = (input = {}): Call => ({ operation: "DeleteSecret", input, answer: { DeletionDate: "date" } });

const recordings: Readonly<Record<string, readonly Call[]>> = {
  test_put_secret_value_with_version_stages: [
    create,
    put("v1", ["SAMPLESTAGE0", "SAMPLESTAGE1"]),
    put("v2", ["SAMPLESTAGE0", "SAMPLESTAGE1"]),
    put("v3", ["AWSPENDING"]),
    put("v4", undefined),
    {
      operation: "GetSecretValue",
      input: {},
      answer: { SecretString: "v4", VersionId: "v4", VersionStages: ["AWSCURRENT"], CreatedDate: "date" },
    },
  ],
  test_update_secret_version_stages_current_pending_cycle_custom_stages_1: [
    create,
    put("v1", ["AWSPENDING", "AWSSOMETHING", "PUT1"]),
    list({ v0: ["AWSCURRENT"], v1: ["AWSPENDING", "AWSSOMETHING", "PUT1"] }),
    move("AWSCURRENT", "v0", "v1"),
    list({ v0: ["AWSPREVIOUS"], v1: ["AWSCURRENT", "AWSPENDING", "AWSSOMETHING", "PUT1"] }),
    put("v2", ["AWSPENDING", "PUT2"]),
    list({ v0: ["AWSPREVIOUS"], v1: ["AWSCURRENT", "AWSSOMETHING", "PUT1"], v2: ["AWSPENDING", "PUT2"] }),
    move("AWSCURRENT", "v1", "v2"),
    list({ v1: ["AWSPREVIOUS", "AWSSOMETHING", "PUT1"], v2: ["AWSCURRENT", "AWSPENDING", "PUT2"] }),
  ],
  test_update_secret_version_stages_current_pending_cycle_custom_stages_2: [
    create,
    put("v1", ["AWSCURRENT", "PUT0"]),
    list({ v0: ["AWSPREVIOUS"], v1: ["AWSCURRENT", "PUT0"] }),
    put("v2", ["AWSPENDING", "PUT1"]),
    move("AWSCURRENT", "v1", "v2"),
    list({ v1: ["AWSPREVIOUS", "PUT0"], v2: ["AWSCURRENT", "AWSPENDING", "PUT1"] }),
    put("v3", ["AWSPENDING", "PUT2"]),
    move("AWSCURRENT", "v2", "v3"),
    list({ v1: ["PUT0"], v2: ["AWSPREVIOUS", "PUT1"], v3: ["AWSCURRENT", "AWSPENDING", "PUT2"] }),
  ],
  test_update_secret_version_stages_current_pending_cycle_custom_stages_3: [
    create,
    put("v1", ["PENDING"]),
    move("AWSCURRENT", "v0", "v1"),
    move("PENDING", "v1"),
    list({ v0: ["AWSPREVIOUS"], v1: ["AWSCURRENT"] }),
  ],
  test_non_versioning_version_stages_replacement: [
    create,
    put("v1", ["one", "three", "two"]),
    put("v2", ["four", "one", "three", "two"]),
    list({ v0: ["AWSCURRENT"], v2: ["four", "one", "three", "two"] }),
  ],
  test_non_versioning_version_stages_no_replacement: [
    create,
    put("v1", ["one", "three", "two"]),
    put("v2", ["four", "one", "two"]),
    list({ v0: ["AWSCURRENT"], v1: ["three"], v2: ["four", "one", "two"] }),
  ],
  test_deprecated_secret_version_stage: [
    create,
    put("v1", undefined),
    put("v2", undefined),
    list({ v1: ["AWSPREVIOUS"], v2: ["AWSCURRENT"] }),
    list({ v0: [], v1: ["AWSPREVIOUS"], v2: ["AWSCURRENT"] }, { IncludeDeprecated: true }),
  ],
  test_create_secret_version_from_empty_secret: [
    { operation: "CreateSecret", input: { Description: "" }, answer: {} },
    described({}),
    put("v0", undefined),
  ],
  test_secret_version_not_found: [
    { operation: "CreateSecret", input: {}, answer: {} },
    noValue({}, "staging label: AWSCURRENT"),
    noValue({ VersionId: "v9" }, "VersionId: v9"),
    noValue({ VersionStage: "AWSPENDING" }, "staging label: AWSPENDING"),
  ],
  test_get_secret_value_errors: [
    create,
    put("v1", ["AWSPENDING"]),
    noValue({ VersionStage: "AWSPREVIOUS" }, "staging label: AWSPREVIOUS"),
    refused(
      "GetSecretValue",
      { VersionId: "v1", VersionStage: "AWSCURRENT" },
      "InvalidRequestException",
      "You provided a VersionStage that is not associated to the provided VersionId.",
    ),
  ],
  test_secret_not_found: [
    refused("GetSecretValue", {}, "ResourceNotFoundException", `${notFound}.`),
    refused("ListSecretVersionIds", {}, "ResourceNotFoundException", `${notFound}.`),
  ],
  test_secret_exists_snapshots: [
    create,
    createAgain("ResourceExistsException", "The operation failed because the secret <name> already exists."),
  ],
  test_exp_raised_on_creation_of_secret_scheduled_for_deletion: [
    create,
    deleted(),
    createAgain(
      "InvalidRequestException",
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    ),
  ],
  test_force_delete_deleted_secret: [
    create,
    deleted(),
    described({ DeletedDate: "date" }, { v0: ["AWSCURRENT"] }),
    deleted({ ForceDeleteWithoutRecovery: true }),
  ],
  test_secret_restore: [create, deleted(), { operation: "RestoreSecret", input: {}, answer: {} }],
  test_rotate_secret_invalid_lambda_arn: [
    create,
    refused(
      "RotateSecret",
      { RotationLambdaARN: "arn:aws:lambda:us-east-1:123456789012:function:none", RotationRules: { Duration: "1h" } },
      "AccessDeniedException",
      "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.",
    ),
  ],
  test_first_rotate_secret_with_missing_lambda_arn: [
    create,
    refused(
      "RotateSecret",
      {},
      "InvalidRequestException",
      "No Lambda rotation function ARN is associated with this secret.",
    ),
  ],
  test_invalid_secret_name: [
    "CreateSecret",
    ...["DeleteSecret", "DescribeSecret", "GetSecretValue", "ListSecretVersionIds", "PutSecretValue"],
  ].map((operation) =>
    refused(
      operation,
      { ...(operation === "CreateSecret" ? { Name: " Inv*Name? " } : { SecretId: " Inv*Name? " }), SecretString: "1" },
      "ValidationException",
      nameMessage,
    ),
  ),
};

/** Hides fields whose value does not matter, and sorts lists without an order. */
function comparable(value: unknown, texts: ReadonlyMap<string, string>, key = ""): unknown {
  if (key.endsWith("Date")) return "date";
  if (typeof value === "string") return [...texts].reduce((text, [from, to]) => text.replaceAll(from, to), value);
  if (Array.isArray(value)) {
    const items = value.map((item) => comparable(item, texts));
    return items.every((item) => typeof item === "string") ? items.sort() : items;
  }
  if (typeof value !== "object" || value === null) return value;
  const hidden = ["ARN", "Name", "LastAccessedDate"]; // AWS records accesses by the day, this endpoint immediately
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !hidden.includes(name))
      .map(([name, item]) => [comparable(name, texts), comparable(item, texts, name)]),
  );
}

describe("the endpoint's answers are AWS's recorded ones:", () => {
  const sm = secretsManagerForTests();

  for (const [test, calls] of Object.entries(recordings)) {
    it(test, async () => {
      const name = `test/${randomUUID()}`;
      const ids = Array.from({ length: 10 }, (_item, number) => [randomUUID() as string, `v${number}`] as const);
      const texts = new Map<string, string>([...ids, [name, "<name>"]]);
      const idOf = (text: string) => ids.find(([, symbol]) => symbol === text)?.[0] ?? text;
      for (const { operation, input, answer, status = 200 } of calls) {
        const keys = ["ClientRequestToken", "VersionId", "MoveToVersionId", "RemoveFromVersionId"];
        const sent = Object.entries(input).map(([key, value]) => [
          key,
          keys.includes(key) ? idOf(String(value)) : value,
        ]);
        const secret = operation === "CreateSecret" ? { Name: name } : { SecretId: name };
        const answered = await callAsItStands(sm.client, operation, {
          ...secret,
          ...(Object.fromEntries(sent) as Record<string, unknown>),
        });
        assert.deepEqual(comparable(answered, texts), comparable({ status, answer }, new Map()), operation);
      }
    });
  }

  for (const [operation, type] of [
    ["CreateSecret", "InvalidRequestException"],
    ["PutSecretValue", "InvalidRequestException"],
    ["RotateSecret", "InvalidParameterException"],
  ] as const) {
    it(`test_no_client_request_token[${operation}], with exactly the error's keys`, async () => {
      const id = operation === "CreateSecret" ? "Name" : "SecretId";
      const response = await fetch(sm.server.endpointUrl, {
        method: "POST",
        headers: { "x-amz-target": `secretsmanager.${operation}`, "content-type": "application/x-amz-json-1.1" },
        body: JSON.stringify({ [id]: "none", SecretString: "example", Description: "an example" }),
      });
      assert.equal(response.status, 400);
      assert.deepEqual(await response.json(), {
        __type: type,
        Message: "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
      });
    });
  }
});
