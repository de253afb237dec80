import type { SecretsManager } from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import fc from "fast-check";
import { randomUUID } from "node:crypto";
import { check } from "../support/generated";
import { secretsManagerForTests } from "../support/secrets-manager";

/*
 * The local endpoint against a model of what AWS documents about versions and labels: both give the same answers to any
 * calls in any order.
 */

/** One secret, reduced to what the rules need. */
class Model {
  readonly values = new Map<string, string>();
  readonly holders = new Map<string, string>();

  /** A label is on one version at most; AWSPREVIOUS moves to the version that loses AWSCURRENT. */
  attach(label: string, id: string): void {
    const holder = this.holders.get(label);
    if (holder === id) return;
    this.holders.set(label, id);
    if (label === "AWSCURRENT" && holder !== undefined) this.holders.set("AWSPREVIOUS", holder);
  }

  get labels(): Record<string, string[]> {
    const ids = [...new Set(this.holders.values())];
    const labelsOf = (id: string) => [...this.holders].filter(([, holder]) => holder === id).map(([label]) => label);
    return Object.fromEntries(ids.map((id) => [id, labelsOf(id).sort()]));
  }
}

interface Real {
  readonly client: SecretsManager;
  readonly SecretId: string;
}

const ids = Array.from({ length: 4 }, (_item, number) => `00000000-0000-4000-8000-00000000000${number}`);
const id = fc.constantFrom(...ids);
const label = fc.constantFrom("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS", "blue", "green");
const value = fc.constantFrom("one", "two");

/** The expected answer: an exception's name, or undefined for success. */
type Expected = string | undefined;

/** Makes the call, and compares its outcome and all labels after it. */
class Call implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly name: string,
    private readonly expect: (model: Model) => Expected,
    private readonly send: (real: Real) => Promise<unknown>,
  ) {}

  check(): boolean {
    return true;
  }

  async run(model: Model, real: Real): Promise<void> {
    const expected = this.expect(model);
    const ended = await this.send(real).then(
      () => undefined,
      (error: unknown) => (error as Error).name,
    );
    assert.equal(ended, expected, this.name);
    const { VersionIdsToStages = {} } = await real.client.describeSecret({ SecretId: real.SecretId });
    const labels = Object.entries(VersionIdsToStages).map(([version, held]) => [version, held.toSorted()]);
    assert.deepEqual(Object.fromEntries(labels), model.labels, this.name);
  }

  toString(): string {
    return this.name;
  }
}

function put(model: Model, token: string, text: string, labels: readonly string[]): Expected {
  const existing = model.values.get(token);
  if (existing !== undefined) return existing === text ? undefined : "ResourceExistsException";
  const isFirst = model.values.size === 0;
  model.values.set(token, text);
  for (const stage of new Set([...(isFirst ? ["AWSCURRENT"] : []), ...labels])) model.attach(stage, token);
  // A value that becomes current from outside takes the candidate's label.
  const pending = model.holders.get("AWSPENDING");
  if (labels.includes("AWSCURRENT") && pending !== model.holders.get("AWSCURRENT")) model.holders.delete("AWSPENDING");
  return undefined;
}

const puts = fc
  .record({ token: id, text: value, labels: fc.option(fc.uniqueArray(label, { minLength: 1, maxLength: 3 })) })
  .map(
    ({ token, text, labels }) =>
      new Call(
        `put ${text} as ${token.slice(-1)} with ${labels?.join() ?? "no label"}`,
        (model) => put(model, token, text, labels ?? ["AWSCURRENT"]),
        ({ client, SecretId }) =>
          client.putSecretValue({
            ...{ SecretId, ClientRequestToken: token, SecretString: text },
            ...(labels && { VersionStages: labels }),
          }),
      ),
  );

function move(model: Model, stage: string, to: string | undefined, from: string | undefined): Expected {
  if ([to, from].some((version) => version !== undefined && !model.values.has(version))) {
    return "ResourceNotFoundException";
  }
  const holder = model.holders.get(stage);
  const isAllowed =
    (to !== undefined || from !== undefined) &&
    (from === undefined || from === holder) &&
    (to === undefined || from !== undefined || holder === undefined || holder === to) &&
    (to !== undefined || stage !== "AWSCURRENT");
  if (!isAllowed) return "InvalidParameterException";
  if (to === undefined) model.holders.delete(stage);
  else model.attach(stage, to);
  return undefined;
}

const moves = fc.record({ stage: label, to: fc.option(id), from: fc.option(id) }).map(
  ({ stage, to, from }) =>
    new Call(
      `move ${stage} from ${from?.slice(-1) ?? "none"} to ${to?.slice(-1) ?? "none"}`,
      (model) => move(model, stage, to ?? undefined, from ?? undefined),
      ({ client, SecretId }) =>
        client.updateSecretVersionStage({
          ...{ SecretId, VersionStage: stage },
          ...(to !== null && { MoveToVersionId: to }),
          ...(from !== null && { RemoveFromVersionId: from }),
        }),
    ),
);

function get(model: Model, version: string | undefined, stage: string | undefined): Expected {
  const holder = model.holders.get(stage ?? "AWSCURRENT");
  if (version === undefined) return holder === undefined ? "ResourceNotFoundException" : undefined;
  if (!model.values.has(version)) return "ResourceNotFoundException";
  return stage !== undefined && holder !== version ? "InvalidRequestException" : undefined;
}

const gets = fc.record({ version: fc.option(id), stage: fc.option(label) }).map(
  ({ version, stage }) =>
    new Call(
      `get ${version?.slice(-1) ?? "any"} with ${stage ?? "any label"}`,
      (model) => get(model, version ?? undefined, stage ?? undefined),
      ({ client, SecretId }) =>
        client.getSecretValue({
          SecretId,
          ...(version !== null && { VersionId: version }),
          ...(stage !== null && { VersionStage: stage }),
        }),
    ),
);

describe("the endpoint, for any calls in any order", () => {
  const sm = secretsManagerForTests();

  it("has the labels and the exceptions of the documented rules", async () => {
    const commands = fc.commands([puts, moves, gets], { maxCommands: 25, size: "max" });
    const property = fc.asyncProperty(commands, async (calls) => {
      const name = `test/${randomUUID()}`;
      await sm.client.createSecret({ Name: name });
      await fc.asyncModelRun(() => ({ model: new Model(), real: { client: sm.client, SecretId: name } }), calls);
    });
    await check(property, 60);
  });
});
