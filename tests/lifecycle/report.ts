import { splitChanges } from "./emulator";
import { label } from "./judgement";
import type { Change } from "./events";
import type { StepReport } from "./run";

/** One step in lines for people: each change of ours, how many are the emulator's, each finding. */
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
