import { mistakesIn } from "./mutation";

const steps = ["tests/rotation-fn/rotate.test.ts"];
const singleUser = ["tests/rotation-fn/strategies/single-user.test.ts"];
const alternating = ["tests/rotation-fn/strategies/alternating-users.test.ts"];
const connection = ["tests/rotation-fn/postgres.test.ts"];
const bootstrap = ["index", "aws-provided"].map((name) => `tests/rotation-fn/bootstrap/${name}.test.ts`);
const severalUsers = ["tests/rotation-fn/several-users.test.ts", "tests/rotation-fn/bootstrap/changed-users.test.ts"];

/** Mistakes in what is sent to the database. */
export const databaseMutations = [
  ...mistakesIn("rotation-fn/roles.ts", steps, {
    "plaintext-to-the-server": {
      from: 'const secret = encryption === "server" ? password : scramVerifier(password);',
      to: "const secret = password;",
      why: "PostgreSQL's log would hold the password.",
    },
    "somebody-elses-role": {
      from: "exists ? await checkOurs(session, { username, ownerRole, access }) : []",
      to: "([] as string[])",
      why: "The function would change the password of a role that belongs to somebody else.",
      tests: [...alternating, ...bootstrap],
    },
    "two-locks": {
      from: "const key = `todo-rotation:${baseUsername(username)}`;",
      to: "const key = `todo-rotation:${username}`;",
      why: "Rotations of a user and of its clone could run at the same time.",
      tests: [...alternating, ...singleUser],
    },
    "name-too-long-for-a-clone": {
      from: "if (bytes > maxNameBytes) {",
      to: "if (false) {",
      why: "PostgreSQL would cut the clone's name off, and it would be the name of the user itself.",
      tests: alternating,
    },
    "settings-as-one-literal": {
      from: "settings: settings.filter((setting) => !isRole(setting)),",
      to: "settings,",
      why: "The transaction would go on as another role after it copies the twin's setting of role.",
      tests: alternating,
    },
    "settings-not-compared": {
      from: "const hasOtherSettings = !isDeepStrictEqual(is.settings, wanted.settings);",
      to: "const hasOtherSettings = is.settings.length !== wanted.settings.length;",
      why: "A setting could have another value for one of the two users.",
      tests: alternating,
    },
    "clone-is-itself": {
      from: 'role: access === "owner" ? ownerRole : undefined',
      to: "role: undefined",
      why: "The second user could not use what the first one creates.",
      tests: [...alternating, ...bootstrap],
    },
    "access-that-allows-less": {
      from: "one.role === role && one.isFull",
      to: "one.role === role",
      why: "The second user could not use the application's tables after another administrator's GRANT … WITH INHERIT FALSE.",
      tests: alternating,
    },
    "access-that-stays": {
      from: ".filter((former) => former !== role)",
      to: ".filter(() => false)",
      why: "A user whose access becomes read-only could still write.",
      tests: severalUsers,
    },
    "access-granted-by-somebody-else": {
      from: "if (left === undefined) return;",
      to: "if (left !== undefined) return;",
      why: "A membership that the function may not revoke would stay without an error.",
      tests: severalUsers,
    },
  }),
  ...mistakesIn("rotation-fn/connection.ts", connection, {
    "unverified-tls": {
      from: "rejectUnauthorized: true,",
      to: "rejectUnauthorized: false,",
      why: "The function would send the password to any server that answers.",
    },
    "any-host-name": {
      from: "checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),",
      to: "checkServerIdentity: () => undefined,",
      why: "The function would accept a certificate of another server with the same authority.",
    },
    "lock-for-ever": {
      from: "idle_in_transaction_session_timeout: idleInTransactionTimeoutMs,",
      why: "A function that died would keep the user's lock for hours.",
      tests: ["tests/faults/half-open.test.ts"],
    },
    "statement-without-end": {
      from: "const statement = { text: sql, values: [...values], query_timeout };",
      to: "const statement = { text: sql, values: [...values] };",
      why: "A step would wait for a silent server until Lambda ends it.",
      tests: ["tests/faults/half-open.test.ts"],
    },
  }),
  ...mistakesIn("rotation-fn/postgres.ts", connection, {
    "reader-endpoint": {
      from: "if (row?.standby !== false) throw readOnly(server);",
      why: "The error would not say that the server is a reader.",
    },
    "runs-as-owner": {
      from: '"set local role none; set local search_path = pg_catalog"',
      to: '"set local search_path = pg_catalog"',
      why: "The session would run as the owner role, which may not change the password.",
      tests: steps,
    },
    "users-search-path": {
      from: "; set local search_path = pg_catalog",
      why: "PostgreSQL could call a user's function instead of its own.",
      tests: [...steps, ...alternating],
      harmless: "each name in the statements has its schema, or PostgreSQL looks for it in pg_catalog first",
    },
    "half-a-transaction": {
      from: "await this.query(`begin; ${asItself}`);",
      to: "await this.query(asItself);",
      why: "A transaction that fails would leave some of its changes.",
      tests: [...singleUser, ...alternating],
    },
    "not-permitted-is-wrong-password": {
      from: 'const notPermittedSqlState = "28000";',
      to: 'const notPermittedSqlState = "none";',
      why: "The error for a user that may not log in would say that the database is gone.",
    },
    "no-waiting-for-resume": {
      from: "if (!isTransient(error)) throw connectionError(server, error);",
      to: "throw connectionError(server, error);",
      why: "A rotation would fail because the database restarts.",
    },
  }),
  ...mistakesIn("rotation-fn/bootstrap/value.ts", bootstrap, {
    "value-changed-in-a-rotation": {
      from: "if (stored && !isSame) await checkNoRotation(store);",
      why: "The rotation under way would undo what pulumi up wrote.",
    },
    "bootstrap-puts-back": {
      from: "if (stored && !(logsIn && isSame)) await checkStillCurrent(store, stored.text);",
      why: "pulumi up during a rotation would set the old password and lock the user out.",
      tests: ["tests/faults/bootstrap-race.test.ts"],
    },
    "pending-overwritten": {
      from: "return credentials.username === stored.username && (await canLogIn(credentials));",
      to: "return false;",
      why: "After pulumi up between setSecret and finishSecret, the rotation would promote a password that is refused.",
    },
  }),
  ...mistakesIn("rotation-fn/database-rotation.ts", [...bootstrap, ...severalUsers], {
    "secret-of-another-user": {
      from: "if (isSameUser(current.credentials.username, username)) return current;",
      to: "if (username !== undefined) return current;",
      why: "Anyone who can write one user's secret could change another user's password.",
    },
  }),
  ...mistakesIn("rotation-fn/bootstrap/access.ts", severalUsers, {
    "no-rights-to-later-tables": {
      from: "await session.query(`${defaults} grant ${tables} on tables ${to}`);",
      why: "Users could not read a table that is created after bootstrap.",
    },
    "no-rights-to-later-sequences": {
      from: "await session.query(`${defaults} grant ${sequences} on sequences ${to}`);",
      why: "Users could not insert rows into a table with a sequence that is created after bootstrap.",
    },
    "somebody-elses-access-role": {
      from: "if ((await roleComment(session, role)) === madeHere) return;",
      to: "return;",
      why: "Members of somebody else's role would get the application's rights.",
    },
  }),
  ...mistakesIn("rotation-fn/bootstrap/owner.ts", ["tests/rotation-fn/bootstrap/owner.test.ts"], {
    "another-stacks-owner-role": {
      from: "comment === undefined || comment === ownerOf(secretArn)",
      to: "comment !== ''",
      why: "Two stacks with one username on one cluster would both set its password and lock each other out.",
    },
  }),
  ...mistakesIn("rotation-fn/bootstrap/former-users.ts", severalUsers, {
    "former-user-stays": {
      from: "await session.query(`alter role ${user} nologin`);",
      why: "A removed user could still log in with its last password.",
    },
    "person-locked-out": {
      from: "where rolcanlogin and pg_catalog.shobj_description(oid, 'pg_authid') = $1",
      to: "where rolcanlogin and $1 <> ''",
      why: "A person who was granted the owner role manually could no longer log in.",
    },
  }),
];
