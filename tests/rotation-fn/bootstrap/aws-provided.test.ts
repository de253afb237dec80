import assert from "node:assert/strict";
import { query, querySuperuser } from "../../support/rotation";
import { startStack, type TestStack } from "../../support/stack";
import { ChangingStack } from "../../support/switching";

describe("bootstrap for AWS's rotation function", () => {
  const environment = { ROTATION_IMPLEMENTATION: "aws-provided" };
  const changeOwnPassword = (stack: TestStack) => async () => {
    const login = await stack.readLogin();
    await query(stack, login, `alter user ${login.username} with password 'example-password-1'`);
  };

  it("allows a single user to change its password directly, without leaving the owner role first", async () => {
    const stack = await startStack({ strategy: "single-user" });
    await assert.rejects(changeOwnPassword(stack), { code: "42501" });
    const forAws = await startStack({ strategy: "single-user", environment });
    await changeOwnPassword(forAws)();
    await Promise.all([stack.stop(), forAws.stop()]);
  });

  it("creates the second of alternating users, which cannot log in yet and runs as the owner role", async () => {
    const stack = await startStack({ strategy: "alternating-users", environment });
    const roles = await querySuperuser(
      stack,
      `select rolname, rolpassword is null as "hasNoPassword",
          (select rolconfig from pg_roles where pg_roles.oid = pg_authid.oid)
        from pg_authid where rolname like $1 order by 1`,
      [`${stack.username}%`],
    );
    const rolconfig = [`role=${stack.ownerRole}`, "search_path=todo"];
    const sorted = roles.map((role) => ({ ...role, rolconfig: (role as { rolconfig: string[] }).rolconfig.sort() }));
    assert.deepEqual(sorted, [
      { rolname: stack.username, hasNoPassword: false, rolconfig },
      { rolname: `${stack.username}_clone`, hasNoPassword: true, rolconfig },
    ]);
    await stack.stop();
  });

  it("leaves objects that a single user creates meanwhile to that user, to hand over as docs/strategies.md says", async () => {
    const stack = await startStack({ strategy: "single-user", environment });
    const login = await stack.readLogin();
    const ownerOf = () => querySuperuser(stack, "select tableowner from pg_tables where tablename = 'own'");
    await query(stack, login, "create table own ()");
    assert.deepEqual(await ownerOf(), [{ tableowner: stack.username }]);
    await new ChangingStack(stack).bootstrap({ rotationImplementation: "custom", rotationStrategy: "single-user" });
    await query(stack, login, `set role none; reassign owned by current_user to ${stack.ownerRole}`);
    assert.deepEqual(await ownerOf(), [{ tableowner: stack.ownerRole }]);
    await stack.stop();
  });

  it("makes it use only TLS, and keeps that in the secret", async () => {
    const stack = await startStack({ strategy: "single-user", environment });
    assert.equal((await stack.readValue()).ssl, true);
    const login = await stack.readLogin();
    await new ChangingStack(stack).bootstrap({ rotationImplementation: "custom", rotationStrategy: "single-user" });
    assert.equal((await stack.readValue()).ssl, true);
    const running = await query(stack, login, "select current_user as user");
    assert.deepEqual(running, [{ user: stack.ownerRole }]); // as before
    await stack.stop();
  });
});
