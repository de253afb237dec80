import type { DatabaseCredentials } from "../../contract/database-credentials";
import type { Rotation } from "../rotation";
import { alternatingUsers } from "./alternating-users";
import { singleUser } from "./single-user";

/** What differs between the ways to rotate. The rest of the four steps is the same: see rotate.ts. */
export interface RotationStrategy {
  /** Whose password the next version holds. */
  readonly nextUsername: (current: string) => string;
  /** setSecret: makes the pending credential one that logs in. A no-op where it already does. */
  readonly setSecret: (rotation: Rotation, current: DatabaseCredentials) => Promise<void>;
}

export const strategies = { "single-user": singleUser, "alternating-users": alternatingUsers } as const;

export type StrategyName = keyof typeof strategies;
