import assert from "node:assert/strict";
import {
  InvalidDatabaseCredentialsError,
  parseDatabaseCredentials,
  parseSuperuserCredentials,
} from "../../contract/database-credentials";
import { SecretNotJsonError } from "../../contract/secret-json";

const secret = "AWSCURRENT of arn:aws:secretsmanager:us-east-1:123456789012:secret:example";

const example = {
  engine: "postgres",
  host: "db.example.com",
  port: 5432,
  dbname: "tododb",
  username: "todo",
  password: "example-password-1",
  dbClusterIdentifier: "cluster-1",
};

function parse(changes: Record<string, unknown>) {
  return parseDatabaseCredentials(JSON.stringify({ ...example, ...changes }), secret);
}

/** The error that the changes cause. */
function errorOf(changes: Record<string, unknown>): InvalidDatabaseCredentialsError {
  try {
    parse(changes);
  } catch (error) {
    assert(error instanceof InvalidDatabaseCredentialsError);
    assert(error.message.startsWith(`${secret}: `));
    return error;
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

function findings(changes: Record<string, unknown>): string[] {
  return errorOf(changes).errors.map(({ name, field }) => `${name} ${field}`);
}

describe("the database secret's JSON", () => {
  it("is read as written", () => {
    assert.deepEqual(parse({}).credentials, example);
  });

  it("may hold the port as a string, as AWS's own functions write it, and name the engine as RDS does", () => {
    const { port, engine } = parse({ port: "6432", engine: "aurora-postgresql" }).credentials;
    assert.deepEqual([port, engine], [6432, "aurora-postgresql"]);
  });

  it("keeps unknown keys", () => {
    assert.deepEqual(parse({ sslmode: "verify-full", tags: ["a"] }).json, {
      ...example,
      sslmode: "verify-full",
      tags: ["a"],
    });
  });

  it("reports every missing and wrong key in one error, each with its own class", () => {
    assert.deepEqual(
      findings({
        engine: "mysql",
        host: "/var/run/postgresql",
        port: "abc",
        dbname: undefined,
        username: "é".repeat(32),
        password: 12,
        masterarn: [],
      }),
      [
        "UnknownEngineError engine",
        "InvalidHostError host",
        "InvalidPortError port",
        "MissingKeyError dbname",
        "NameTooLongError username",
        "WrongTypeError password",
        "WrongTypeError masterarn",
      ],
    );
  });

  it("counts a user name in bytes, since PostgreSQL truncates by bytes", () => {
    assert.equal(parse({ username: "u".repeat(63) }).credentials.username.length, 63);
    assert.deepEqual(findings({ username: "u".repeat(64) }), ["NameTooLongError username"]);
    assert.match(errorOf({ username: "u".repeat(64) }).message, /received 64 bytes, accepted is at most 63 bytes/);
  });

  for (const port of [0, 65536, 54.5, -1, "", "5432 ", "0x1538", true, [5432]]) {
    it(`refuses the port ${JSON.stringify(port)}`, () => {
      assert.deepEqual(findings({ port }), ["InvalidPortError port"]);
    });
  }

  for (const [key, value] of Object.entries({ host: "", username: "", password: "", dbname: "a\0b" })) {
    it(`refuses ${JSON.stringify(value)} as ${key}`, () => {
      assert.deepEqual(findings({ [key]: value }), [`WrongTypeError ${key}`]);
    });
  }

  it("says what was received and what is accepted", () => {
    const { field, received, accepted } = errorOf({ port: "abc" });
    assert.deepEqual(
      [field, received, accepted],
      ["port", "a string that is not a port", "a whole number from 1 to 65535, such as 5432"],
    );
  });

  for (const text of [
    "",
    "example-password-1",
    '{"password":"example-password-1"',
    '["example-password-1"]',
    "null",
    '"x"',
  ]) {
    it(`that is ${JSON.stringify(text).slice(0, 20)} is refused as no JSON object`, () => {
      assert.throws(
        () => parseDatabaseCredentials(text, secret),
        (error) => error instanceof SecretNotJsonError && error.message.startsWith(`${secret}: `),
      );
    });
  }
});

describe("the superuser secret's JSON", () => {
  it("needs only a user name and a password, as RDS writes it", () => {
    const text = JSON.stringify({ username: "postgres", password: "example-password-1" });
    assert.deepEqual(parseSuperuserCredentials(text, secret), { username: "postgres", password: "example-password-1" });
  });

  it("is refused with the names of both keys when both are missing", () => {
    assert.throws(
      () => parseSuperuserCredentials("{}", secret),
      ({ errors }: InvalidDatabaseCredentialsError) => {
        assert.deepEqual(
          errors.map(({ field }) => field),
          ["username", "password"],
        );
        return true;
      },
    );
  });
});
