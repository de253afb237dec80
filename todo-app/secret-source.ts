import type { ReadSecret } from "../credential-pool";

/** The value that ECS injected when the task started. It never changes: a new deployment brings the next one. */
export function environmentSource(text: string): ReadSecret {
  return (stage) =>
    Promise.resolve(stage === "AWSCURRENT" ? { text, versionId: undefined, createdAt: undefined } : undefined);
}
