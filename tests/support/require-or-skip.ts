/**
 * For a test that needs something that not every machine has: if the condition does not hold, skips the test with the
 * reason on standard error, or fails under CI, where nothing may be skipped.
 *
 * @param mochaContext `this` of the test or hook
 * @throws Error when `CI` is set and the condition does not hold
 */
export function requireOrSkip(mochaContext: Mocha.Context, condition: boolean, reason: string): void {
  if (condition) return;
  if (process.env.CI) throw new Error(`this test may not be skipped in CI: ${reason}`);
  console.error(`      skipped: ${reason}`);
  mochaContext.skip();
}
