import assert from "node:assert/strict";
import { Client, type ClientBase } from "pg";
import type { DatabaseCredentials } from "../../contract/database-credentials";
import type { Credential } from "../../credential-pool/held-credential";
import { createSessionClass } from "../../credential-pool/session";

const login: DatabaseCredentials = {
  ...{ engine: "postgres", host: "db.example", port: 5433, dbname: "tododb" },
  ...{ username: "todo_clone", password: "example-password-1" },
};
const credential: Credential = { login, generation: 1, text: "", versionId: undefined, createdAt: undefined };

describe("a session of the pool", () => {
  it("is for the user, password and address of the credential that is held when it is made", () => {
    let held = credential;
    const credentialOf = new WeakMap<ClientBase, Credential>();
    const Session = createSessionClass(() => held, credentialOf, "example");
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
    assert.equal(credentialOf.get(first), credential);
    assert.equal(credentialOf.get(second), held);
  });

  it("does not end the process when it ends between its statement's answer and its return to the pool", () => {
    const Session = createSessionClass(() => credential, new WeakMap(), "example");
    const error = new Error("terminating connection");
    assert.doesNotThrow(() => new Session().emit("error", error));
    assert.throws(() => new Client().emit("error", error), error);
  });
});
