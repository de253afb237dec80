import assert from "node:assert/strict";
import { readDatabaseNames } from "../../config/database-names";
import { maxNameBytes } from "../../contract/database-credentials";
import { alternateUsername } from "../../rotation-fn/roles";
import { itRefuses, readerOf } from "../support/configuration";

const read = readerOf({ databaseName: "tododb", username: "todo" }, readDatabaseNames);

describe("the database's names in the configuration", () => {
  it("name the owner role after the user, and leave room for it and for the second of two alternating users", () => {
    const username = "u".repeat(57);
    const { findings, values: names } = read({ databaseName: "shop", username });
    assert.deepEqual(findings, []);
    assert.deepEqual(names, { databaseName: "shop", username, ownerRole: `${username}_owner` });
    assert(Buffer.byteLength(names.ownerRole) <= maxNameBytes);
    assert.equal(Buffer.byteLength(alternateUsername(username)), maxNameBytes);
  });

  const refused: [values: Record<string, string>, finding: RegExp][] = [
    [{ databaseName: "Todo" }, /databaseName: received "Todo", accepted is a-z, 0-9 and _/],
    [{ databaseName: "d".repeat(64) }, /databaseName: .*at most 63 characters$/],
    [{ databaseName: "postgres" }, /databaseName: received "postgres", accepted is another name/],
    [{ username: "to-do" }, /username: received "to-do", accepted is a-z, 0-9 and _/],
    [
      { username: "u".repeat(58) },
      /username: .*1 to 57 characters: PostgreSQL allows 63, including _clone at the end$/,
    ],
    [{ username: "todo_admin" }, /username: received "todo_admin", accepted is another name/],
    [{ username: "pg_monitor" }, /username: received "pg_monitor", accepted is another name/],
    [{ username: "todo_clone" }, /username: received "todo_clone", accepted is a name that does not end in _clone/],
  ];
  itRefuses(refused, (values) => read(values).findings);
});
