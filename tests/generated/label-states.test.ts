import { CancelRotateSecretCommand, UpdateSecretVersionStageCommand } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import fc from "fast-check";
import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { InvalidDatabaseCredentialsError } from "../../contract/database-credentials";
import { SecretNotJsonError } from "../../contract/secret-json";
import { RotationError } from "../../rotation-fn/errors";
import { functionInProcess } from "../support/faults/function-in-process";
import { holderOf, labelsOf } from "../support/faults/invariants";
import { forEachGenerated } from "../support/generated";
import { beginRotation, canLogIn, putValue, steps } from "../support/rotation";
import { asStackOf } from "../support/several-users";
import { startStack, type TestStack } from "../support/stack";

const canary = "example-canary-of-a-value";

/** What a version may hold, derived from the value in use. */
const values = {
  "the value in use": (value: object) => value,
  "another password": (value: object) => ({ ...value, password: `${canary}-password` }),
  "the clone": (value: object) => ({ ...value, username: `${(value as { username: string }).username}_clone` }),
  "another user": (value: object) => ({ ...value, username: "somebody" }),
  "another host": (value: object) => ({ ...value, host: "db.example.com" }),
  "another database": (value: object) => ({ ...value, dbname: "postgres" }),
  "an unknown masterarn": (value: object) => ({ ...value, masterarn: "arn:aws:secretsmanager:us-east-1:1:secret:x" }),
  "a password that cannot be hashed": (value: object) => ({ ...value, password: `${canary}-pässword` }),
  "no password": (value: object) => ({ ...value, password: undefined }),
  "no JSON": () => `${canary} {`,
  bytes: () => Buffer.from(canary),
} as const satisfies Record<string, (value: object) => Record<string, unknown> | object | string>;

/** So that many inputs pass the guard. */
const mostly = <T>(likely: T, others: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(likely), weight: 4 }, others);

type ValueName = keyof typeof values;

const versionIds = ["0", "1", "2"] as const;
const labels = ["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS", "blue"];

/** What others did to the secret before a step: values that they put, labels that they moved, the event's token. */
const states = fc.record({
  begins: mostly(true, fc.constant(false)),
  puts: fc.array(
    fc.record({
      version: fc.constantFrom(...versionIds),
      value: fc.constantFrom(...(Object.keys(values) as ValueName[])),
      stages: fc.uniqueArray(fc.constantFrom(...labels), { minLength: 1, maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
  moves: fc.array(fc.record({ stage: fc.constantFrom(...labels), to: fc.constantFrom(...versionIds, undefined) }), {
    maxLength: 2,
  }),
  isCancelled: mostly(false, fc.constant(true)),
  token: mostly("pending", fc.constantFrom(...versionIds, "current", "unknown", "constructor", "__proto__")),
  which: mostly([...steps], fc.shuffledSubarray([...steps], { minLength: 1 })),
});

type State = typeof states extends fc.Arbitrary<infer T> ? T : never;

/** Brings the secret into the state, as far as the endpoint allows. */
async function prepare(stack: TestStack, { begins, puts, moves, isCancelled }: State): Promise<Record<string, string>> {
  const ids: Record<string, string> = Object.fromEntries(versionIds.map((version) => [version, randomUUID()]));
  const inUse = await stack.readValue();
  if (begins) await beginRotation(stack);
  for (const { version, value, stages } of puts) {
    const content = values[value](inUse) as string | Uint8Array | Record<string, unknown>;
    const token = ids[version] ?? "";
    for (const stage of stages) await putValue(stack, content, { token, stage }).catch(() => undefined);
  }
  for (const { stage, to } of moves) {
    const label = { SecretId: stack.secretArn, VersionStage: stage };
    const move = { MoveToVersionId: to && ids[to], RemoveFromVersionId: await holderOf(stack, stage) };
    await stack.client.send(new UpdateSecretVersionStageCommand({ ...label, ...move })).catch(() => undefined);
  }
  if (isCancelled) await stack.client.send(new CancelRotateSecretCommand({ SecretId: stack.secretArn })).catch(() => 0);
  return ids;
}

async function tokenOf(stack: TestStack, { token }: State, ids: Record<string, string>): Promise<string> {
  if (token !== "pending" && token !== "current")
    return versionIds.some((id) => id === token) ? (ids[token] ?? "") : token;
  return (await holderOf(stack, token === "pending" ? "AWSPENDING" : "AWSCURRENT")) ?? randomUUID();
}

const inputs = 24;

for (const strategy of ["single-user", "alternating-users"] as const) {
  describe(`any state of the secret and any order of steps (${strategy})`, () => {
    const stacks: Promise<TestStack>[] = [];
    let taken = 0;

    after(async () => {
      for (const stack of stacks) await (await stack).stop();
    });

    /** One for as many inputs as there are, unless GENERATED_TIMES is set. */
    function startStackOfMany(): Promise<TestStack> {
      const names = Array.from({ length: inputs }, (_item, n) => `${strategy.slice(0, 6)}_${stacks.length}_${n}`);
      return startStack({ strategy, additionalUsers: names.map((name) => ({ name, access: "owner" })) });
    }

    /** A user with a secret of its own. */
    async function nextUser(): Promise<TestStack> {
      const number = taken++;
      const stack = await (stacks[Math.floor(number / inputs)] ??= startStackOfMany());
      const [, ...users] = stack.secrets;
      return asStackOf(stack, users[number % inputs]?.username ?? "");
    }

    it("ends each step successfully or with an error of its own that shows no value; AWSCURRENT moves only to the candidate", async () => {
      const ends = { well: 0, refused: 0 };
      await forEachGenerated(states, inputs, async (state) => {
        const stack = await nextUser();
        const fn = functionInProcess(stack);
        try {
          const first = await stack.readLogin();
          const ids = await prepare(stack, state);
          const token = await tokenOf(stack, state, ids);
          for (const step of state.which) {
            const before = await labelsOf(stack);
            const candidate = await holderOf(stack, "AWSPENDING");
            const error = await fn.rotate(token, undefined, [step]).then(
              () => undefined,
              (reason: unknown) => reason,
            );
            ends[error === undefined ? "well" : "refused"] += 1;
            const isTyped = [RotationError, InvalidDatabaseCredentialsError, SecretNotJsonError].some(
              (errorClass) => error instanceof errorClass,
            );
            assert(error === undefined || isTyped, `${step}: ${inspect(error)}`);
            const moved = step === "finishSecret" && candidate === token;
            if (!moved) {
              // createSecret may give the candidate its value; no other step changes a label.
              assert.deepEqual(await labelsOf(stack), before, `${step} moved a label`);
            }
          }
          const passwords = [first.password, canary];
          for (const text of fn.log) assert(!passwords.some((password) => text.includes(password)), "a value is shown");
          if (!state.which.includes("setSecret")) assert(await canLogIn(stack, first), "the password was changed");
        } finally {
          fn.destroy();
        }
      });
      assert(ends.well > 10 && ends.refused > 10, inspect(ends));
    });
  });
}
