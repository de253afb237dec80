import { mistakesIn } from "./mutation";

const guards = ["tests/rotation-fn/rotate-refusals.test.ts"];
const steps = ["tests/rotation-fn/rotate.test.ts"];
const singleUser = ["tests/rotation-fn/strategies/single-user.test.ts"];
const alternating = ["tests/rotation-fn/strategies/alternating-users.test.ts"];

/** Mistakes in the four steps, the calls of Secrets Manager, and the passwords. */
export const stepsMutations = [
  ...mistakesIn("rotation-fn/rotate.ts", guards, {
    "disabled-rotation": {
      from: "if (rotationEnabled === false) {",
      to: "if (false) {",
      why: "A rotation that an operator turned off would change the password.",
    },
    "repeated-step": {
      from: 'if (stages.includes("AWSCURRENT")) return "already current";',
      why: "A second finishSecret would fail, and with it a rotation that is done.",
      tests: steps,
    },
    "not-pending": {
      from: 'if (!stages.includes("AWSPENDING")) {',
      to: "if (false) {",
      why: "A late step would set the password of a version that is no longer pending.",
    },
    "inherited-token": {
      from: "Object.hasOwn(versionStages, versionId) ? versionStages[versionId] : undefined",
      to: "versionStages[versionId]",
      why: "The token `constructor` would cause an error that explains nothing.",
    },
    "any-secret": {
      from: "const configured = secrets.get(secretId);",
      to: "const [configured] = secrets.values();",
      why: "Anyone who can invoke the function could rotate another secret.",
    },
    "finish-moves-nothing": {
      from: "await store.makeCurrent(versionId, current[0]);",
      to: "await store.makeCurrent(current[0], current[0]);",
      why: "AWSCURRENT would keep the password that no longer logs in.",
      tests: steps,
    },
  }),
  ...mistakesIn("rotation-fn/secret-store.ts", steps, {
    "pending-by-label-only": {
      from: 'return this.getValue({ VersionId: versionId, VersionStage: "AWSPENDING" });',
      to: 'return this.getValue({ VersionStage: "AWSPENDING" });',
      why: "A step could use the candidate of another rotation.",
      tests: [...singleUser, ...alternating],
    },
    "put-as-current": {
      from: 'VersionStages: ["AWSPENDING"], RotationToken: rotationToken',
      to: 'VersionStages: ["AWSCURRENT"], RotationToken: rotationToken',
      why: "Applications would read a password that is not set yet.",
    },
    "rotation-token-dropped": {
      from: 'VersionStages: ["AWSPENDING"], RotationToken: rotationToken',
      to: 'VersionStages: ["AWSPENDING"]',
      why: "Secrets Manager would refuse a PutSecretValue from another account or role.",
    },
    "kept-pending-value": {
      from: "if (error instanceof ResourceExistsException) return false;",
      why: "A rotation that died after createSecret could never be completed.",
    },
    "no-second-look": {
      from: "for (const backoffMs of [...pendingReadBackoffMs, undefined]) {",
      to: "for (const backoffMs of [undefined] as (number | undefined)[]) {",
      why: "setSecret would sometimes fail, because Secrets Manager is eventually consistent.",
    },
    "not-a-compare-and-swap": {
      from: "RemoveFromVersionId: currentVersionId,",
      why: "finishSecret would move AWSCURRENT even after somebody else moved it.",
    },
    "deleted-secret": {
      from: "if (response.DeletedDate !== undefined) throw deleted(this.secretArn);",
      why: "The error would not say that the secret is deleted and how to restore it.",
      tests: guards,
    },
  }),
  ...mistakesIn("rotation-fn/scram.ts", ["tests/rotation-fn/scram.test.ts"], {
    "wrong-verifier": {
      from: '"Client Key"',
      to: '"Client key"',
      why: "No new password would ever log in.",
    },
    "unprepared-password": {
      from: "if (!/^[\\x20-\\x7e]+$/.test(password)) {",
      to: "if (false) {",
      why: "A password with non-ASCII characters would log in from some clients only.",
      tests: ["tests/rotation-fn/scram.test.ts", "tests/generated/passwords.test.ts"],
    },
  }),
  ...mistakesIn("rotation-fn/password.ts", ["tests/rotation-fn/password.test.ts"], {
    "last-character-never": {
      from: "alphabet.charAt(randomInt(alphabet.length))",
      to: "alphabet.charAt(randomInt(alphabet.length - 1))",
      why: "Passwords would never contain the last character of the alphabet.",
    },
    "weak-settings": {
      from: "if (entropyBits < minEntropyBits) {",
      to: "if (false) {",
      why: "Settings could allow passwords that are easy to guess.",
    },
  }),
];
