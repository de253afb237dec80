import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Client } from "pg";
import { UnhashablePasswordError } from "../../rotation-fn/errors";
import { scramVerifier } from "../../rotation-fn/scram";
import { loginConfig, sharedPostgres } from "../support/postgres";

describe("the SCRAM-SHA-256 verifier", () => {
  it("equals what PostgreSQL itself computes from the same password and salt", async () => {
    const server = await sharedPostgres();
    const client = new Client(loginConfig(server, server.superuser));
    await client.connect();
    try {
      await client.query("create role scram_reference password 'example-password-1'");
      const { rows } = await client.query<{ rolpassword: string }>(
        "select rolpassword from pg_authid where rolname = 'scram_reference'",
      );
      const stored = rows[0]?.rolpassword ?? "";
      const salt = Buffer.from(/:([^$]+)\$/.exec(stored)?.[1] ?? "", "base64");
      assert.equal(scramVerifier("example-password-1", salt), stored);
      assert.notEqual(scramVerifier("example-password-2", salt), stored);
    } finally {
      await client.query("drop role if exists scram_reference");
      await client.end();
    }
  });

  it("is stored unchanged by the server, and the password logs in", async () => {
    const server = await sharedPostgres();
    const superuser = new Client(loginConfig(server, server.superuser));
    await superuser.connect();
    const password = `example-${randomUUID()} \\'"$ ~`;
    const verifier = scramVerifier(password);
    try {
      await superuser.query(`create role scram_login login password ${superuser.escapeLiteral(verifier)}`);
      const { rows } = await superuser.query("select rolpassword from pg_authid where rolname = 'scram_login'");
      assert.deepEqual(rows, [{ rolpassword: verifier }]);
      const client = new Client(loginConfig(server, { username: "scram_login", password }));
      await client.connect();
      await client.end();
    } finally {
      await superuser.query("drop role if exists scram_login");
      await superuser.end();
    }
  });

  it("has a new salt each time", () => {
    assert.notEqual(scramVerifier("example-password-1"), scramVerifier("example-password-1"));
  });

  for (const password of ["", "pässword", "tab\t", "nul\0"]) {
    it(`is refused for ${JSON.stringify(password)}, which clients may hash differently`, () => {
      assert.throws(() => scramVerifier(password), UnhashablePasswordError);
    });
  }

  it("is refused for a salt of another length, which PostgreSQL might take for a plaintext password", () => {
    assert.throws(() => scramVerifier("example-password-1", Buffer.alloc(0)), UnhashablePasswordError);
  });
});
