import assert from "node:assert/strict";
import fc from "fast-check";
import { forEachAtOnce } from "./faults/sweep";

/*
 * Generated input. Each run of the tests generates the same input, because a test that fails only sometimes helps no
 * one. GENERATED_SEED=n changes the input, and GENERATED_TIMES=n multiplies its amount.
 */

const seed = readWholeNumber("GENERATED_SEED", 1);
const times = readWholeNumber("GENERATED_TIMES", 1);

/** Any code point, as a unit of fc.string: fast-check's own unit "binary" lists all of them first, for a second. */
export const anyCharacter = fc
  .nat({ max: 0x10ffff - 0x800 })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800)); // without the surrogates

/** Checks the property for this many inputs; fast-check's error has the seed and the smallest failing input. */
export async function check<T>(property: fc.IRawProperty<T>, runs: number): Promise<void> {
  await fc.assert(property, { seed, numRuns: runs * times });
  tell(runs);
}

/**
 * Runs the work for this many inputs, several at the same time: for work that waits for servers. It does not look for a
 * smaller failing input.
 *
 * @throws AssertionError that shows every input for which the work failed
 */
export async function forEachGenerated<T>(
  inputs: fc.Arbitrary<T>,
  runs: number,
  work: (input: T) => Promise<void>,
): Promise<void> {
  const atOnce = 8;
  const nameOf = (input: T) => `seed ${seed}, ${fc.stringify(input)}`;
  await forEachAtOnce(fc.sample(inputs, { seed, numRuns: runs * times }), nameOf, work, atOnce);
  tell(runs);
}

function tell(runs: number): void {
  console.log(`        ${runs * times} inputs, seed ${seed}`);
}

function readWholeNumber(name: string, fallback: number): number {
  const value = process.env[name] ?? `${fallback}`;
  assert.match(value, /^\d+$/, `${name}: received "${value}"; accepted is a whole number`);
  return Number(value);
}
