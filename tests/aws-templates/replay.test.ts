import type * as sdk from "@aws-sdk/client-secrets-manager";
import assert from "node:assert/strict";
import type { LocalFunction } from "../../local/lambda";
import { rotatingSecret } from "../../local/rotating-secret";
import { callAsItStands } from "../support/aws-call";
import { secretsManagerForTests } from "../support/secrets-manager";
import type { Exchange } from "../support/tap";
import { fromSymbols, readRecording, strategies, toSymbols } from "./recording";

/** Ignores the order of lists, and uses the SDK's name for an error's message. */
function asTold({ status, answer: { Message, ...answer } }: Pick<Exchange, "status" | "answer">): unknown {
  return toSymbols({ status, answer: { ...answer, ...(Message !== undefined && { message: Message }) } }, new Map());
}

for (const strategy of strategies) {
  const { template, rotations } = readRecording(strategy);

  describe(`AWS's template ${template}, by its recorded calls`, () => {
    const sm = secretsManagerForTests();

    it("gets the recorded answers, and rotates", async () => {
      const created = async (name: string) =>
        (await sm.client.createSecret({
          Name: name,
          SecretString: "example-value",
        })) as Required<sdk.CreateSecretResponse>;
      const superuser = await created(`superuser-${strategy}`);
      const { ARN, Name, VersionId } = await created(`template-${strategy}`);
      const arn = `arn:aws:lambda:us-east-1:123456789012:function:${template}`;
      const versions = [VersionId];
      let calls = 0;

      const replayStep = async (name: string, step: string): Promise<void> => {
        const symbols = [
          ...versions.map((version, index) => [version, `<version ${index}>`] as const),
          ...([
            [ARN, "<secret>"],
            [superuser.ARN, "<superuser secret>"],
            [superuser.VersionId, "<superuser version>"],
            [arn, "<function>"],
            [Name, "<name>"],
          ] as const),
        ];
        const texts = new Map([
          ...symbols.map(([text, symbol]) => [symbol, text] as const),
          ...([
            ["<SecretString>", "example-next-value"],
            ["<ClientRequestToken>", versions.at(-1) ?? ""],
          ] as const),
        ]);
        const recorded = rotations.find((rotation) => rotation.name === name)?.steps.find((one) => one.step === step);
        assert(recorded, `no recording of ${step}`);
        for (const { operation, input, ...expected } of recorded.calls) {
          const answered = await callAsItStands(sm.client, operation, fromSymbols(input, texts) as object);
          assert.deepEqual(toSymbols(answered, new Map(symbols)), asTold(expected), `${step}: ${operation}`);
          calls += 1;
        }
      };

      let current = "";
      const failures: unknown[] = [];
      const replayed: LocalFunction = {
        ...{ name: template, arn, logs: [], stop: () => Promise.resolve() },
        async invoke(event) {
          const { Step, ClientRequestToken } = event as { Step: string; ClientRequestToken: string };
          if (!versions.includes(ClientRequestToken)) versions.push(ClientRequestToken);
          await replayStep(current, Step).catch((error: unknown) => failures.push(error));
          return { payload: null };
        },
      };
      const secret = rotatingSecret(sm.server, {
        client: sm.client,
        secretArn: ARN,
        rotateFunction: replayed,
        startRotateFunction: () => replayed,
      });
      for (current of ["first", "second"]) {
        const { succeeded, error } = await secret.rotate();
        assert.deepEqual(failures, []);
        assert.equal(succeeded, true, error);
      }
      for (const { step } of rotations.at(-1)?.steps ?? []) await replayStep("repeated", step);
      assert(calls >= 25, `${calls} calls`);
    });

    it("was recorded without values", () => {
      const text = JSON.stringify(rotations);
      assert(!/"password\\?"|example-|[0-9a-f]{8}-[0-9a-f]{4}-/i.test(text));
      assert.match(text, /"SecretString":"<SecretString>"/);
    });
  });
}
