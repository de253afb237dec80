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
  it("is invoked with the database's location and no credential, again when its code or a user changes", async () => {
    const { input, functionName, triggers } = (await build()).inputsOf("aws:lambda/invocation:Invocation");
    assert.equal(functionName, "bootstrap");
    assert.deepEqual(JSON.parse(String(input)), {
      host: "database.example",
      port: 5432,
      dbname: "tododb",
      dbClusterIdentifier: "database-1",
    });
    assert.deepEqual(triggers, {
      code: createHash("sha256")
        .update(await bundle("rotation-fn"))
        .digest("hex"),
      credentials: ownEntry,
    });
  });

  it("creates every user, and may write every secret and read the master credential", async () => {
    const { inputsOf, policyOf, sids, variables } = await build({ credentials: [ownCredential, otherCredential] });
    const { triggers } = inputsOf("aws:lambda/invocation:Invocation") as { triggers: Record<string, string> };
    const both = `${ownEntry} ${otherEntry}`;
    assert.deepEqual([variables().DATABASE_SECRETS, triggers.credentials], [both, both]);
    const { Statement } = policyOf("aws:iam/rolePolicy:RolePolicy");
    assert.deepEqual(Statement[0]?.Resource, [ownCredential.secretArn, otherCredential.secretArn]);
    assert.deepEqual(sids().slice(0, 4), [
      "WriteFirstValue",
      "UseKeyForSecret",
      "ReadSuperuserSecret",
      "DecryptSuperuserSecret",
    ]);
  });

  it("gets both secrets by name, for either strategy", async () => {
    const { inputsOf, variables } = await build();
    assert.equal(inputsOf("aws:lambda/function:Function").handler, "index.bootstrap");
    assert.deepEqual(variables(), {
      DATABASE_SECRETS: ownEntry,
      SUPERUSER_SECRET_ARN: args.superuserSecret.secretArn,
      OWNER_ROLE: "todo_owner",
      PGSSLROOTCERT: "/var/runtime/ca-cert.pem",
    });
  });

  it("is configured and invoked again when AWS's function is to rotate", async () => {
    const { inputsOf, variables } = await build({ rotationImplementation: "aws-provided" });
    const { triggers } = inputsOf("aws:lambda/invocation:Invocation");
    assert.equal(variables().ROTATION_IMPLEMENTATION, "aws-provided");
    assert.equal((triggers as Record<string, string>).rotationImplementation, "aws-provided");
  });
});
