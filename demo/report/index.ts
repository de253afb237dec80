import type { DemoStrategy } from "../arguments";
import { figuresOfClient, type LoadReport } from "../load-run";
import type { PromiseKeeper } from "../promises";
import { clientNames } from "../services";

/** Measurements of one successful rotation. */
export interface RotationReport {
  /** From RotateSecret to the end of the rotation. */
  readonly durationMs: number;
  /** The rotation function's calls. */
  readonly secretsManagerCalls: number;
  /** For an API key: requests to the service. */
  readonly logins: number;
  readonly failedLogins: number;
}

export interface StrategyReport {
  readonly strategy: DemoStrategy;
  /** Database users; 1 for an API key. */
  readonly users: number;
  readonly rotations: readonly RotationReport[];
  readonly promises: PromiseKeeper;
  /** Undefined when a promise was already broken, and for an API key. */
  readonly load: LoadReport | undefined;
  /** How many passwords and tokens were searched for, in how many logs. */
  readonly search: { readonly secrets: number; readonly logs: number };
}

/** The figures of one strategy, as --json prints them. */
export function figuresOf({ strategy, users, rotations, load }: StrategyReport) {
  const clients = load ? clientNames.map((client) => ({ client, ...figuresOfClient(load, client) })) : [];
  return {
    strategy,
    users,
    rotations: rotations.length,
    secretsManagerCallsPerRotation: Math.max(0, ...rotations.map((rotation) => rotation.secretsManagerCalls)),
    loginsPerRotation: Math.max(0, ...rotations.map((rotation) => rotation.logins)),
    failedLogins: rotations.reduce((sum, rotation) => sum + rotation.failedLogins, 0),
    medianRotationMs: Math.round(median(rotations.map((rotation) => rotation.durationMs))),
    ...(load && figuresOfClient(load, "todo-app")),
    clients,
  };
}

export function formatJson(reports: readonly StrategyReport[]): string {
  return `${JSON.stringify({ ok: allKept(reports), strategies: reports.map(figuresOf) })}\n`;
}

export function allKept(reports: readonly StrategyReport[]): boolean {
  return reports.every(({ promises }) => promises.allKept());
}

/** 0 for an empty list. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  return (lower + upper) / 2;
}
