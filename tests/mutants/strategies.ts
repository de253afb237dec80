import { mistakesIn } from "./mutation";

const steps = ["tests/rotation-fn/rotate.test.ts"];
const singleUser = ["tests/rotation-fn/strategies/single-user.test.ts"];
const alternating = ["tests/rotation-fn/strategies/alternating-users.test.ts"];
const superuser = ["tests/rotation-fn/superuser.test.ts"];

/** Mistakes in the strategies of a database. */
export const strategiesMutations = [
  ...mistakesIn("rotation-fn/database-rotation.ts", singleUser, {
    "candidate-leads-elsewhere": {
      from: "if (candidate[key] !== current[key]) {",
      to: "if (false) {",
      why: "Anyone who can write a version could have the password sent to their own server.",
    },
    "host-not-compared": {
      from: 'const connectionKeys = ["host", "port", "dbname"] as const;',
      to: 'const connectionKeys = ["port", "dbname"] as const;',
      why: "Anyone who can write a version could have the password sent to their own server on the same port.",
    },
    "candidate-of-another-user": {
      from: "if (!usernames.includes(candidate.username)) {",
      to: "if (false) {",
      why: "Anyone who can write a version could have the superuser change any user's password.",
      tests: [...singleUser, ...alternating],
    },
  }),
  ...mistakesIn("rotation-fn/strategies/database.ts", [...steps, ...singleUser, ...alternating], {
    "test-tests-nothing": {
      from: "if (!(await canLogIn({ ...rotation, ...access }, pending))) {",
      to: "if (false) {",
      why: "A password that does not log in would become AWSCURRENT.",
    },
    "test-does-not-compare": {
      from: "if (!comparedVersions.has(rotation.versionId)) await compare({ ...rotation, ...access }, pending, nextUsername);",
      why: "testSecret in a new process would send the password to any server that the candidate names.",
      tests: singleUser,
    },
    "unknown-keys-dropped": {
      from: "...json, // with the keys that this function does not know",
      to: "...credentials,",
      why: "The next rotation would drop keys that an application added to the secret.",
      tests: steps,
    },
  }),
  ...mistakesIn("rotation-fn/strategies/single-user.ts", singleUser, {
    "no-retry-after-set": {
      from: "if (await canLogIn(rotation, pending)) {",
      to: "if (false) {",
      why: "A rotation that died after setSecret could never be completed, and the user would be locked out.",
    },
    "previous-not-tried": {
      from: "const session = previous && (await logInAs(rotation, previous));",
      to: "const session = previous && undefined;",
      why: "The user would stay locked out after a rotation that died between setSecret and finishSecret and was given up.",
    },
    "previous-not-compared": {
      from: 'compareWithCurrent("AWSPREVIOUS", previous, current, [current.username]);',
      why: "The function could send AWSPREVIOUS's password to another server.",
    },
    "single-user-without-lock": {
      from: "await lockUser(session, current.username);",
      why: "Two rotations at once could leave a password in the database that no version holds.",
    },
  }),
  ...mistakesIn("rotation-fn/strategies/alternating-users.ts", [...alternating, ...superuser], {
    "overwrite-the-one-in-use": {
      from: "nextUsername: alternateUsername,",
      to: "nextUsername: (current) => current,",
      why: "The rotation would change the password that applications are using.",
    },
    "unproven-current": {
      from: "if (!(await canLogIn(rotation, current))) {",
      to: "if (false) {",
      why: "Anyone who can write AWSCURRENT could have the superuser change another user.",
    },
    "any-masterarn": {
      from: "checkMasterArn(current, settings.superuserSecretArn);",
      why: "This superuser would rotate a secret that names another superuser.",
    },
    "rotate-the-superuser": {
      from: "if (username === session.username) {",
      to: "if (false) {",
      why: "The rotation could change the superuser's own password.",
    },
    "current-is-no-member": {
      from: "await checkOurs(session, { username: current.username, ownerRole, access });",
      why: "The clone would get rights that its twin does not have.",
    },
    "clone-without-settings": {
      from: "{ ...role, twin: current.username }",
      to: "role",
      why: "Every second rotation would change the application's limits and settings.",
    },
    "alternating-without-lock": {
      from: "await lockUser(session, current.username);",
      why: "An invocation that lost its rotation could overwrite the next one's password.",
    },
  }),
];
