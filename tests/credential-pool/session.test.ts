import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Client } from "pg";
import type { DatabaseCredentials } from "../../contract/database-credentials";
import type { Credential } from "../../credential-pool/held-credential";
import { createSessionClass } from "../../credential-pool/session";

const login: DatabaseCredentials = {
  ...{ engine: "postgres", host: "db.example", port: 5433, dbname: "tododb" },
  ...{ username: "todo_clone", password: "example-password-1" },
};
const credential: Credential = { login, generation: 1, text: "", versionId: undefined, createdAt: undefined };

const settings = {
  ...{ certificateAuthorities: "example", applicationName: undefined },
  ...{ connectionTimeoutMillis: 1_000, statementTimeoutMillis: 1_000 },
};

describe("a session of the pool", () => {
  it("is for the user, password and address of the credential that is held when it is created", () => {
    let held = credential;
    const Session = createSessionClass(() => held, settings);
    const first = new Session();
    held = { ...credential, login: { ...login, username: "todo", password: "example-password-2" } };
    const second = new Session();
    const { user, password, host, port, database } = first;
    assert.deepEqual(
      { user, password, host, port, database },
      {
        ...{ user: "todo_clone", password: "example-password-1" },
        ...{ host: "db.example", port: 5433, database: "tododb" },
      },
    );
    assert.deepEqual([second.user, second.password], ["todo", "example-password-2"]);
    assert.deepEqual([first.credential, second.credential], [credential, held]);
  });

  it("does not show its credential when printed", () => {
    const Session = createSessionClass(() => credential, settings);
    const session = new Session();
    const shown = inspect(session, { depth: 9 });
    assert.ok(shown.includes("todo_clone") && !shown.includes("example-password-1"));
    assert.ok(inspect(session.credential).includes("example-password-1"));
  });

  it("does not end the process when it ends between its statement's answer and its return to the pool", () => {
    const Session = createSessionClass(() => credential, settings);
    const error = new Error("terminating connection");
    assert.doesNotThrow(() => new Session().emit("error", error));
    assert.throws(() => new Client().emit("error", error), error);
  });
});
