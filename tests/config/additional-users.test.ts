import assert from "node:assert/strict";
import { readAdditionalUsers, type UserContext, type UserSettings } from "../../config/additional-users";
import { itRefuses, readerOf } from "../support/configuration";

const own: UserSettings = {
  ...{ username: "todo", access: "owner", strategy: "single-user", secretName: "todo-rotation/dev/database/todo" },
  ...{ rotationRules: { automaticallyAfterDays: 30, duration: "4h" }, rotationOverdueAfterDays: 32 },
};
const context: UserContext = {
  own,
  ownerRole: "todo_owner",
  rotationImplementation: "custom",
  rotationWindowHours: 4,
  secretNamePrefix: "todo-rotation/dev/database/",
  region: "us-east-1",
};

function read(value: unknown, changes: Partial<UserContext> = {}) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const readUsers = readerOf({ additionalUsers: text }, (reader) =>
    readAdditionalUsers(reader, { ...context, ...changes }),
  );
  const { values: users, findings } = readUsers();
  return { users, findings };
}

describe("additionalUsers", () => {
  it("have the stack's strategy and schedule by default", () => {
    const { users, findings } = read([
      { name: "report", access: "read-only" },
      { name: "batch", access: "read-write", strategy: "alternating-users", rotationDays: 7 },
      { name: "_x1", access: "owner", rotationScheduleExpression: "rate(4 hours)" },
    ]);
    assert.deepEqual(findings, []);
    const { rotationRules, rotationOverdueAfterDays } = own;
    assert.deepEqual(users, [
      {
        ...{
          username: "report",
          access: "read-only",
          strategy: "single-user",
          rotationRules,
          rotationOverdueAfterDays,
        },
        secretName: "todo-rotation/dev/database/report",
      },
      {
        ...{ username: "batch", access: "read-write", strategy: "alternating-users" },
        secretName: "todo-rotation/dev/database/batch",
        ...{ rotationRules: { automaticallyAfterDays: 7, duration: "4h" }, rotationOverdueAfterDays: 9 },
      },
      {
        ...{ username: "_x1", access: "owner", strategy: "single-user" },
        secretName: "todo-rotation/dev/database/_x1",
        ...{ rotationRules: { scheduleExpression: "rate(4 hours)", duration: "4h" }, rotationOverdueAfterDays: 3 },
      },
    ]);
    assert.deepEqual(read([]), { users: [], findings: [] });
  });

  it("refuse a name that gives its secret the name of the service's own, whatever its user is called", () => {
    const { findings } = read([{ name: "todo", access: "read-only" }], {
      own: { ...own, username: "orders" },
      ownerRole: "orders_owner",
    });
    assert.equal(findings.length, 1);
    assert.match(findings.join(), /additionalUsers\[0\]\.name: received "todo", accepted is a name other than "todo"/);
  });

  const user = { name: "report", access: "read-only" };
  const refused: [value: unknown, finding: RegExp][] = [
    ["none", /^todo-rotation:additionalUsers: received "none", accepted is a list of \{ name, access/],
    [{ report: user }, /accepted is a list of/],
    [["report"], /additionalUsers\[0\]: received "report", accepted is an object with name, access/],
    [[{ ...user, password: "x" }], /additionalUsers\[0\]\.password: received "x", accepted is one of the keys name/],
    [[{ ...user, access: "admin" }], /\.access: received "admin", accepted is owner, read-write, read-only$/],
    [[{ name: "report" }], /\.access: received nothing, accepted is owner/],
    [[{ ...user, strategy: "dual" }], /\.strategy: received "dual", accepted is single-user, alternating-users$/],
    [
      [{ access: "owner" }],
      /\.name: received nothing, accepted is a-z, 0-9 and _, not starting with a digit, 1 to 57 characters/,
    ],
    [[{ ...user, name: "Report" }], /\.name: received "Report", accepted is a-z, 0-9 and _/],
    [[{ ...user, name: "1st" }], /\.name: received "1st"/],
    [[{ ...user, name: "a-b" }], /\.name: received "a-b"/],
    [
      [{ ...user, name: "u".repeat(58) }],
      /\.name: received "u+", accepted is .*1 to 57 characters: PostgreSQL allows 63, including _clone/,
    ],
    [[{ ...user, name: "report_clone" }], /\.name: .* accepted is a name that does not end in _clone/],
    [[{ ...user, name: "todo_clone" }], /\.name: .* accepted is a name that does not end in _clone/],
    [[{ ...user, name: "todo" }], /\.name: .* other than the stack's own roles, todo, todo_owner, todo_read_write/],
    [[{ ...user, name: "todo_owner" }], /\.name: .* other than the stack's own roles/],
    [[{ ...user, name: "todo_read_only" }], /\.name: .* other than the stack's own roles/],
    ...["todo_admin", "pg_monitor", "rdsadmin", "rds_superuser", "public", "none"].map((name): [unknown, RegExp] => [
      [{ ...user, name }],
      /\.name: .* accepted is another name: PostgreSQL, RDS or the database's administrator uses this one$/,
    ]),
    [
      [user, { ...user, access: "owner" }],
      /additionalUsers: received two entries named "report", accepted is one entry/,
    ],
    [[{ ...user, rotationDays: 0 }], /\.rotationDays: received 0, accepted is a whole number from 1 to 999$/],
    [[{ ...user, rotationDays: "7" }], /\.rotationDays: received "7"/],
    [[{ ...user, rotationDays: 1.5 }], /\.rotationDays: received 1.5/],
    [
      [{ ...user, rotationDays: 7, rotationScheduleExpression: "rate(4 hours)" }],
      /\.rotationDays: received 7, accepted is/,
    ],
    [
      [{ ...user, rotationScheduleExpression: "rate(1 hour)" }],
      /\.rotationScheduleExpression: received "rate\(1 hour\)", accepted is at least 4 hours/,
    ],
    [[{ ...user, rotationScheduleExpression: 7 }], /\.rotationScheduleExpression: received 7, accepted is rate/],
  ];
  itRefuses(refused, (value) => read(value).findings);

  it("refuses a window that does not fit into an entry's own schedule", () => {
    const { findings } = read([{ ...user, rotationScheduleExpression: "rate(4 hours)" }], { rotationWindowHours: 5 });
    assert.match(
      findings.join(),
      /\[0\]\.rotationScheduleExpression: .* a schedule that fits rotationWindowHours: at most 4 with rate\(4 hours\)/,
    );
  });

  it("refuses an access whose role name would be too long, after a long name of the service's user", () => {
    const username = "u".repeat(57);
    const long = { own: { ...own, username }, ownerRole: `${username}_owner` };
    assert.deepEqual(read([{ ...user, access: "owner" }], long).findings, []);
    const { findings } = read([{ ...user, access: "read-write" }], long);
    assert.equal(findings.length, 1);
    assert.match(findings.join(), /\[0\]\.access: received "read-write", accepted is a username that is 5 characters/);
    const shorter = "u".repeat(52);
    const fits = { own: { ...own, username: shorter }, ownerRole: `${shorter}_owner` };
    assert.deepEqual(read([{ ...user, access: "read-write" }], fits).findings, []);
  });

  it("refuses AWS's function with more users than the service's own", () => {
    assert.deepEqual(read([], { rotationImplementation: "aws-provided" }).findings, []);
    const { findings } = read([user], { rotationImplementation: "aws-provided" });
    assert.match(
      findings.join(),
      /^todo-rotation:additionalUsers: .* accepted is \[\] with rotationImplementation aws-/,
    );
  });

  it("refuses more users than Lambda's environment has room for, and says how much they take", () => {
    const users = (count: number) => Array.from({ length: count }, (_, i) => ({ ...user, name: `user_${i}` }));
    assert.deepEqual(read(users(25)).findings, []);
    const { findings } = read(users(40));
    assert.match(findings.join(), /received 40 users, which take \d{4} bytes of .*, accepted is .* 3584 bytes at most/);
  });
});
