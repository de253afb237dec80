import assert from "node:assert/strict";
import { environmentSource } from "../../todo-app/secret-source";

describe("the source of an injected secret", () => {
  it("returns the injected text as AWSCURRENT and has no AWSPENDING", async () => {
    const readInjected = environmentSource("{}");
    assert.deepEqual(await readInjected("AWSCURRENT"), { text: "{}", versionId: undefined, createdAt: undefined });
    assert.equal(await readInjected("AWSPENDING"), undefined);
  });
});
