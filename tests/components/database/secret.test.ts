import assert from "node:assert/strict";
import { DatabaseSecret } from "../../../components/database/secret";
import { register } from "../../support/mocks";

const args = {
  secretName: "todo-rotation/test/database/todo",
  description: "PostgreSQL credential of the todo service",
  keyArn: "arn:aws:kms:us-east-1:123456789012:key/1",
  accountId: "123456789012",
  recoveryWindowInDays: 7,
  deletionProtection: true,
};

describe("DatabaseSecret", () => {
  it("names the secret, encrypts it with the stack's key and keeps it restorable", async () => {
    const { inputsOf } = await register(() => new DatabaseSecret("database-secret", args).secretArn);
    assert.deepEqual(inputsOf("aws:secretsmanager/secret:Secret"), {
      name: "todo-rotation/test/database/todo",
      description: "PostgreSQL credential of the todo service, rotated by Secrets Manager",
      kmsKeyId: args.keyArn,
      recoveryWindowInDays: 7,
    });
  });

  it("registers no version, which would restore the old password after two rotations", async () => {
    const { all } = await register(() => new DatabaseSecret("database-secret", args).secretArn);
    assert.deepEqual(
      all.map(({ type }) => type),
      [
        "todo-rotation:components:DatabaseSecret",
        "aws:secretsmanager/secret:Secret",
        "aws:secretsmanager/secretPolicy:SecretPolicy",
      ],
    );
  });

  it("attaches the policy and blocks public ones", async () => {
    const { inputsOf, policyOf, result } = await register(() => new DatabaseSecret("database-secret", args).secretArn);
    const { secretArn, blockPublicPolicy } = inputsOf("aws:secretsmanager/secretPolicy:SecretPolicy");
    assert.deepEqual({ secretArn, blockPublicPolicy }, { secretArn: result, blockPublicPolicy: true });
    assert.deepEqual(policyOf("aws:secretsmanager/secretPolicy:SecretPolicy"), {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Deny",
          Principal: "*",
          Action: "secretsmanager:*",
          Resource: result,
          Sid: "DenyPlainHttp",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        {
          Effect: "Deny",
          Principal: "*",
          Action: "secretsmanager:*",
          Resource: result,
          Sid: "DenyOtherAccounts",
          Condition: {
            StringNotEquals: { "aws:PrincipalAccount": "123456789012" },
            Bool: { "aws:PrincipalIsAWSService": "false" },
          },
        },
      ],
    });
  });
});
