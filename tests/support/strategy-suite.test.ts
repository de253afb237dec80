import assert from "node:assert/strict";
import { join } from "node:path";
import { apiKeyStrategy } from "./api-key-stack";
import { runCheck, strategyChecks, strategySuite } from "./strategy-suite";

/** The mistake → the checks that must find it, by a part of their titles. */
const mistakes: Readonly<Record<string, readonly RegExp[]>> = {
  "keeps the key": [/^rotates to/],
  "sets nothing": [/^rotates to/],
  "drops unknown keys": [/^keeps the keys/],
  "minds a value that exists": [
    /^does nothing in a step/,
    /call of createSecret/,
    /call of setSecret/,
    /call of testSecret/,
    /call of finishSecret/,
  ],
  "does not see that the key is set": [/^does nothing in a step/, /^lets setSecret run/, /call of testSecret/],
  "passes every test": [/^fails testSecret/],
  "calls the host of the secret": [/^sends nothing/],
  "takes the own value for a mistake": [/^only tests AWSCURRENT/],
  "quotes the value": [/^names what is wrong/],
  "logs the key": [/^keeps every credential/],
  "logs the event": [/^keeps every credential/],
};

function mistakenStrategy(mistake: string) {
  const bundleFile = join(__dirname, "mistaken-strategy.mjs");
  return apiKeyStrategy({ oldKey: "ends", bundleFile, environment: { MISTAKE: mistake } });
}

describe("the checks of every strategy pass one without a mistake", () => {
  strategySuite(mistakenStrategy("none"));
});

describe("the checks of every strategy", () => {
  for (const [mistake, titles] of Object.entries(mistakes)) {
    for (const title of titles) {
      const [found, ...others] = Object.keys(strategyChecks).filter((one) => title.test(one));

      it(`find a strategy that ${mistake}: ${found ?? ""}`, async () => {
        const check = strategyChecks[found ?? ""];
        assert(check && others.length === 0, `${title.source} names no check, or several`);
        await assert.rejects(runCheck(check, mistakenStrategy(mistake)), assert.AssertionError);
      });
    }
  }

  it("each find something", () => {
    const found = Object.values(mistakes).flat();
    const idle = Object.keys(strategyChecks).filter((title) => !found.some((one) => one.test(title)));
    assert.deepEqual(idle, []);
  });
});
