import assert from "node:assert/strict";
import { findSecrets, formsOf } from "./secret-forms";

const secret = 'example "p/w+d" & ü 1?>~';

const ways: Record<string, (text: string) => string> = {
  "as it is": (text) => `password=${text};`,
  "in JSON": (text) => JSON.stringify({ password: text }),
  "in a URL": (text) => `https://user:${encodeURIComponent(text)}@db.example.com/`,
  "in a form": (text) => new URLSearchParams({ user: "todo", password: text }).toString(),
};
for (const before of ["", "u", "us", "use", "user:"]) {
  for (const encoding of ["base64", "base64url"] as const) {
    ways[`in ${encoding} after "${before}"`] = (text) => Buffer.from(`${before}${text}\n`).toString(encoding);
  }
}

describe("the search for secrets", () => {
  for (const [way, write] of Object.entries(ways)) {
    it(`finds one ${way}`, () => {
      const texts = new Map([["the log", `before ${write(secret)} after`]]);
      const findings = findSecrets(texts, new Map([[secret, "the example"]]));
      assert(findings.length > 0);
      assert(findings.every((finding) => finding.startsWith("the log holds the example") && !finding.includes(secret)));
    });

    it(`does not mistake another text for one ${way}`, () => {
      const texts = new Map([["the log", `before ${write(secret.replace("p/w", "w/p"))} after`]]);
      assert.deepEqual(findSecrets(texts, new Map([[secret, "the example"]])), []);
    });
  }

  it("looks for each text once", () => {
    const texts = formsOf("example-password-1").map(({ text }) => text);
    assert.equal(new Set(texts).size, texts.length);
  });
});
