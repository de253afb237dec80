import assert from "node:assert/strict";
import { PostgresLog } from "../../demo/postgres-log";
import { logsIn } from "../../demo/login";
import { freshDatabase } from "../support/postgres";

describe("the demo's reading of PostgreSQL's own log", () => {
  it("counts the logins of one application, and every refused login, from a point on", async () => {
    const { server, database: dbname } = await freshDatabase();
    const log = new PostgresLog(server.logFile);
    const right = { ...server.administrator, dbname };
    const wrong = { ...right, password: "example-password-1" };
    await logsIn(server, right);
    await logsIn(server, wrong);
    const since = await log.length();
    assert.deepEqual(
      [await logsIn(server, right), await logsIn(server, wrong), await logsIn(server, right)],
      [true, false, true],
    );
    assert.deepEqual(await log.countLogins(since, "todo-rotation-demo"), { logins: 2, failedLogins: 1 });
    assert.deepEqual(await log.countLogins(since, "todo-rotation"), { logins: 0, failedLogins: 1 });
    assert.deepEqual(await log.countLogins(await log.length(), "todo-rotation-demo"), { logins: 0, failedLogins: 0 });
  });
});
