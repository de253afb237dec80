import assert from "node:assert/strict";
import fc from "fast-check";
import { inspect } from "node:util";
import { InvalidApiKeySecretError, parseApiKeySecret } from "../../contract/api-key";
import {
  InvalidDatabaseCredentialsError,
  parseDatabaseCredentials,
  parseSuperuserCredentials,
} from "../../contract/database-credentials";
import { SecretNotJsonError } from "../../contract/secret-json";
import { InvalidEventError, RotationError, UnexpectedSecretError, UnknownStepError } from "../../rotation-fn/errors";
import { parseBootstrapInput } from "../../rotation-fn/bootstrap/input";
import { parseRotationEvent } from "../../rotation-fn/rotate";
import { anyCharacter, check } from "../support/generated";

const canary = "example-canary-of-a-value";
const accepted = {
  ...{ engine: "postgres", host: "db.example.com", port: 5432, dbname: "tododb", username: "todo" },
  ...{ password: "example-password-1", apiKey: "example-key-1" },
};

type ErrorClass = abstract new (...args: never[]) => Error;

/** Anything thrown must be one of these, and must not show the canary in a property or the stack. */
function assertTyped(run: () => unknown, classes: readonly ErrorClass[]): void {
  try {
    run();
  } catch (error) {
    assert(
      classes.some((errorClass) => error instanceof errorClass),
      inspect(error),
    );
    assert(!inspect(error, { depth: null, showHidden: true }).includes(canary), "the error shows a value");
  }
}

const anyJson = fc.oneof(fc.jsonValue(), fc.constantFrom(canary, [canary], { nested: canary }, ` ${canary.repeat(9)}`));

/** Some keys of an accepted value are changed, left out or joined by others; sometimes it is something else. */
const nearlyAccepted = fc
  .record({
    changes: fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(accepted)), fc.string()), anyJson, { maxKeys: 3 }),
    dropped: fc.subarray(Object.keys(accepted), { maxLength: 2 }),
  })
  .map(({ changes, dropped }) =>
    Object.fromEntries(Object.entries({ ...accepted, ...changes }).filter(([key]) => !dropped.includes(key))),
  );

const secretText = fc.oneof(
  { arbitrary: nearlyAccepted.map((value) => JSON.stringify(value)), weight: 6 },
  { arbitrary: anyJson.map((value) => JSON.stringify(value)), weight: 1 },
  { arbitrary: fc.string({ unit: anyCharacter }).map((text) => `${text}${canary}`), weight: 1 },
  { arbitrary: nearlyAccepted.map((value) => `${JSON.stringify(value)}${canary}`), weight: 1 },
);

describe("any text at all, as a secret's value", () => {
  for (const [what, parse, Invalid] of [
    ["database credentials", parseDatabaseCredentials, InvalidDatabaseCredentialsError],
    ["superuser credentials", parseSuperuserCredentials, InvalidDatabaseCredentialsError],
    ["an API key", parseApiKeySecret, InvalidApiKeySecretError],
  ] as const) {
    it(`is read as ${what}, or refused with an error that shows none of it`, async () => {
      let parsed = 0;
      let refused = 0;
      const property = fc.property(secretText, (text) => {
        assertTyped(() => {
          refused += 1;
          parse(text, "AWSCURRENT of the secret");
          refused -= 1;
          parsed += 1;
        }, [SecretNotJsonError, Invalid]);
      });
      await check(property, 500);
      assert(parsed > 50 && refused > 50, `${parsed} parsed, ${refused} refused: the inputs try one side only`);
    });
  }

  it("keeps every key that is read, whatever its name", async () => {
    const others = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor")), anyJson);
    const property = fc.property(others, (more) => {
      const text = JSON.stringify({ ...more, ...accepted });
      assert.equal(
        JSON.stringify({ ...parseDatabaseCredentials(text, "the secret").json }),
        JSON.stringify(JSON.parse(text)),
      );
    });
    await check(property, 200);
  });
});

describe("any event at all", () => {
  const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:example";
  const strategy = { createValue: () => "", setSecret: () => Promise.resolve(), testSecret: () => Promise.resolve() };
  const secrets = { secretVariable: "X", secrets: new Map([[secretArn, { name: "example", strategy }]]) };
  const rotationEvent = {
    Step: "setSecret",
    SecretId: secretArn,
    ClientRequestToken: "3f2a91c0-0000-4000-8000-000000000000",
    RotationToken: canary,
  };
  const bootstrapInput = { host: "db.example.com", port: 5432, dbname: "tododb", dbClusterIdentifier: "cluster-1" };
  const changed = <T extends object>(event: T) =>
    fc.oneof(
      fc.jsonValue(),
      fc
        .dictionary(fc.constantFrom(...Object.keys(event)), fc.jsonValue(), { maxKeys: 2 })
        .map((changes) => ({ ...event, ...changes })),
    );

  it("is read as a step of the one secret, or refused with an error that does not show the rotation token", async () => {
    const property = fc.property(changed(rotationEvent), (event) => {
      assertTyped(() => {
        assert.equal(parseRotationEvent(event, secrets).event.SecretId, secretArn);
      }, [InvalidEventError, UnknownStepError, UnexpectedSecretError]);
    });
    await check(property, 500);
  });

  it("is read as an input of bootstrap, or refused with an error of the function's own", async () => {
    const property = fc.property(changed(bootstrapInput), (event) => {
      assertTyped(() => {
        const { port } = parseBootstrapInput(event);
        assert(port >= 1 && port <= 65_535);
      }, [RotationError]);
    });
    await check(property, 500);
  });
});
