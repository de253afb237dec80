import { splitChanges } from "./emulator";
import { label } from "./judgement";
import type { Arguments } from "./arguments";
import type { Change } from "./events";
import type { StepReport } from "./run";

/** One step in readable lines: each of our changes, the number of the emulator's, each finding. */
export function renderStep({ step, operation, findings }: StepReport): string {
  const { ours, ofEmulator } = splitChanges(operation.changes);
  const isWhole = ["created", "deleted"].some(
    (action) => ours.length > 50 && ours.every((one) => one.action === action),
  );
  return [
    `${step}: ${operation.seconds} s`,
    ...(isWhole ? [`  ${ours.length} ${ours[0]?.action ?? ""}`] : ours.map((change) => `  ${renderChange(change)}`)),
    ...(ofEmulator.length > 0 ? [`  ${ofEmulator.length} updates are the emulator's`] : []),
    ...findings.map((finding) => `  FINDING ${finding}`),
  ].join("\n");
}

function renderChange(change: Change): string {
  const properties = change.properties.length > 0 ? `: ${change.properties.join(", ")}` : "";
  const order = change.action === "replaced" ? (change.oldFirst ? " (old one first)" : " (new one first)") : "";
  return `${change.action.padEnd(8)} ${label(change)}${properties}${order}`;
}

/**
 * What the engine did to a running stack, as --report writes it, without the emulator's changes.
 *
 * @param reports in order: a change is an up, with a preview before it and one after it
 */
export function reportChanges({ environment, config }: Arguments, reports: readonly StepReport[]) {
  const changes = reports.flatMap(({ settings, operation }, index) => {
    if (settings === undefined) return [];
    const resources = splitChanges(operation.changes).ours.map(({ action, type, name, properties }) => ({
      ...{ action, type, name },
      ...(properties.length > 0 ? { properties } : {}),
    }));
    const findings = reports.slice(index - 1, index + 2).flatMap((report) => report.findings);
    return [{ settings, resources, findings }];
  });
  return { stack: environment, config, changes };
}

export type ChangesReport = ReturnType<typeof reportChanges>;
