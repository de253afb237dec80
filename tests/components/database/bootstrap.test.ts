import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { bundle } from "../../../bundle";
import { DatabaseBootstrap } from "../../../components/database/bootstrap";
import { functionArgs, otherCredential, ownCredential } from "../../support/function-args";
import { register } from "../../support/mocks";

const args = {
  ...functionArgs,
  clusterEndpoint: "database.example",
  clusterIdentifier: "database-1",
  databaseName: "tododb",
  port: 5432,
};
const ownEntry = "arn:aws:secretsmanager:us-east-1:123456789012:secret:todo-AbCdEf,todo,owner,single-user";
const otherEntry =
  "arn:aws:secretsmanager:us-east-1:123456789012:secret:report-AbCdEf,report,read-only,alternating-users";
const build = (overrides: Partial<typeof args> = {}) =>
  register(() => new DatabaseBootstrap("bootstrap", { ...args, ...overrides }).urn);

describe("DatabaseBootstrap", () => {
  it("is invoked with the database's location, and no credential", async () => {
    const { inputsOf } = await build();
    const { input, functionName } = inputsOf("aws:lambda/invocation:Invocation");
    assert.equal(functionName, "bootstrap");
    assert.deepEqual(JSON.parse(String(input)), {
      host: "database.example",
      port: 5432,
      dbname: "tododb",
      dbClusterIdentifier: "database-1",
    });
  });

  it("is invoked again when its code or a user changes", async () => {
    const { inputsOf } = await build();
    assert.deepEqual(inputsOf("aws:lambda/invocation:Invocation").triggers, {
      code: createHash("sha256")
        .update(await bundle("rotation-fn"))
        .digest("hex"),
      credentials: ownEntry,
    });
  });

  it("creates every user, and may write every secret", async () => {
    const { inputsOf, policyOf } = await build({ credentials: [ownCredential, otherCredential] });
    const { variables } = inputsOf("aws:lambda/function:Function").environment as { variables: Record<string, string> };
    const { triggers } = inputsOf("aws:lambda/invocation:Invocation") as { triggers: Record<string, string> };
    const both = `${ownEntry} ${otherEntry}`;
    assert.deepEqual([variables.DATABASE_SECRETS, triggers.credentials], [both, both]);
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy") as { Statement: { Resource: unknown }[] };
    assert.deepEqual(Statement[0]?.Resource, [ownCredential.secretArn, otherCredential.secretArn]);
  });

  it("gets both secrets by name, for either strategy", async () => {
    const { inputsOf } = await build();
    const { handler, environment } = inputsOf("aws:lambda/function:Function");
    assert.equal(handler, "index.bootstrap");
    assert.deepEqual(environment, {
      variables: {
        DATABASE_SECRETS: ownEntry,
        SUPERUSER_SECRET_ARN: args.superuserSecret.secretArn,
        OWNER_ROLE: "todo_owner",
        PGSSLROOTCERT: "/var/runtime/ca-cert.pem",
      },
    });
  });

  it("is configured and invoked again when AWS's function is to rotate", async () => {
    const { inputsOf } = await build({ rotationImplementation: "aws-provided" });
    const { variables } = inputsOf("aws:lambda/function:Function").environment as { variables: Record<string, string> };
    const { triggers } = inputsOf("aws:lambda/invocation:Invocation");
    assert.equal(variables.ROTATION_IMPLEMENTATION, "aws-provided");
    assert.equal((triggers as Record<string, string>).rotationImplementation, "aws-provided");
  });

  it("may write the first value, and read the master credential", async () => {
    const { policyOf } = await build();
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy") as { Statement: { Sid: string }[] };
    assert.deepEqual(
      Statement.slice(0, 4).map(({ Sid }) => Sid),
      ["WriteFirstValue", "UseKeyForSecret", "ReadSuperuserSecret", "DecryptSuperuserSecret"],
    );
  });
});
