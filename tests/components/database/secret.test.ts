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
const build = () => register(() => new DatabaseSecret("database-secret", args).secretArn);

describe("DatabaseSecret", () => {
  it("names the secret, encrypts it with the stack's key and keeps it restorable", async () => {
    const { inputsOf } = await build();
    assert.deepEqual(inputsOf("aws:secretsmanager/secret:Secret"), {
      name: "todo-rotation/test/database/todo",
      description: "PostgreSQL credential of the todo service, rotated by Secrets Manager",
      kmsKeyId: args.keyArn,
      recoveryWindowInDays: 7,
    });
  });

  it("attaches the policy and blocks public ones", async () => {
    const { inputsOf, policyOf, result } = await build();
    const { secretArn, blockPublicPolicy } = inputsOf("aws:secretsmanager/secretPolicy:SecretPolicy");
    assert.deepEqual({ secretArn, blockPublicPolicy }, { secretArn: result, blockPublicPolicy: true });
    const denyAll = { Effect: "Deny", Principal: "*", Action: "secretsmanager:*", Resource: result };
    assert.deepEqual(policyOf("aws:secretsmanager/secretPolicy:SecretPolicy"), {
      Version: "2012-10-17",
      Statement: [
        { ...denyAll, Sid: "DenyPlainHttp", Condition: { Bool: { "aws:SecureTransport": "false" } } },
        {
          ...denyAll,
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
