import type { Input } from "@pulumi/pulumi";

/** The account and region that a stack lives in. */
export interface Place {
  readonly accountId: Input<string>;
  readonly region: string;
}

export interface LogSettings {
  /** Prefix of the log groups' names, with the slash at its end. */
  readonly logGroupPrefix: string;
  readonly logRetentionDays: number;
}
