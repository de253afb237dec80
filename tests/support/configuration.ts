import assert from "node:assert/strict";
import { ConfigReader } from "../../config/reader";

/** Reads values, over defaults, with one of the configuration's readers; also returns what it refuses. */
export function readerOf<T>(defaults: Readonly<Record<string, string>>, read: (reader: ConfigReader) => T) {
  return (values: Readonly<Record<string, string>> = {}): { values: T; findings: readonly string[] } => {
    const reader = new ConfigReader("todo-rotation", new Map(Object.entries({ ...defaults, ...values })));
    return { values: read(reader), findings: reader.findings };
  };
}

/** Checks that each of the inputs is refused with one finding, which matches. */
export function itRefuses<T>(
  refused: readonly (readonly [input: T, finding: RegExp])[],
  findingsOf: (input: T) => readonly string[] | Promise<readonly string[]>,
): void {
  for (const [input, finding] of refused) {
    it(`refuses ${JSON.stringify(input).slice(0, 90)}`, async () => {
      const findings = await findingsOf(input);
      assert.equal(findings.length, 1, findings.join("\n"));
      assert.match(findings.join(), finding);
    });
  }
}
