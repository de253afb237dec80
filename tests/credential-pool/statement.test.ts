import assert from "node:assert/strict";
import { isSurelyUndone } from "../../credential-pool/statement";

const mayCommit = [
  "commit",
  "COMMIT;",
  "  end work",
  "-- done\ncommit",
  "/* a; b */ commit and chain",
  "insert into t values (1); commit",
  "insert into t values (1);\n-- last\n/* one */ Commit;",
  "prepare transaction 'a'",
  "select '--'; commit",
];
const commitsNothing = [
  "insert into t values (1)",
  "update t set n = case when n > 1 then 2 end",
  "select 'commit'",
  "insert into commits values (1)",
  "select 1; select 2",
  "rollback",
  "savepoint a",
  "release savepoint a",
];
const begins = [
  "begin",
  "BEGIN;",
  "/* one */ begin",
  "start transaction isolation level serializable",
  "begin read only",
];

describe("what is known of a statement whose session ended", () => {
  it("is nothing in a transaction that may have committed", () => {
    for (const text of mayCommit) assert.equal(isSurelyUndone(text, "T"), false, text);
  });

  it("is that nothing was done in a transaction that cannot have committed", () => {
    for (const text of [...commitsNothing, ...begins]) assert.equal(isSurelyUndone(text, "T"), true, text);
    for (const text of [...commitsNothing, ...mayCommit]) assert.equal(isSurelyUndone(text, "E"), true, text);
  });

  it("is nothing outside a transaction, except for the statement that begins one", () => {
    for (const text of [...commitsNothing, ...mayCommit, "begin; insert into t values (1)"]) {
      assert.equal(isSurelyUndone(text, "I"), false, text);
    }
    for (const text of begins) assert.equal(isSurelyUndone(text, "I"), true, text);
  });
});
