import { isDeepStrictEqual } from "node:util";

/** What the engine does to one resource. */
export interface Change {
  readonly action: "created" | "updated" | "replaced" | "deleted";
  readonly type: string;
  readonly name: string;
  /** The properties that differ; for a replacement, those that require it. */
  readonly properties: readonly string[];
  readonly changedInputs: readonly string[];
  /** The old one is deleted before the new one exists. */
  readonly oldFirst: boolean;
  /**
   * Old and new have the same name, which AWS mostly refuses: the published provider then deletes the old one first.
   */
  readonly keepsName: boolean;
  /** Position in the log, for deletions. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A line of the --event-log file, as far as it is read: sdk/go/common/apitype/events.go of pulumi/pulumi. */
interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: Step };
  readonly resOutputsEvent?: { readonly metadata: Step };
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string };
  readonly summaryEvent?: unknown;
}

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  readonly old: StepState | null;
  readonly new: StepState | null;
  readonly keys?: readonly string[] | null;
  readonly diffs?: readonly string[] | null;
}

interface StepState {
  readonly custom?: boolean;
  readonly inputs: Readonly<Record<string, unknown>> | null;
}

interface LoggedStep extends Step {
  readonly startedAt: number;
  readonly endedAt: number;
}

/** Operations that leave an AWS resource unchanged. */
const unchanging = ["same", "read", "refresh", "replace"]; // "replace" only announces create and delete
const actions: Readonly<Record<string, Change["action"]>> = {
  create: "created",
  update: "updated",
  "create-replacement": "replaced",
  delete: "deleted",
};
const deleteReplaced = "delete-replaced";

/**
 * Reads what the engine did, or in a preview would do, to AWS resources; components and providers are left out.
 *
 * @param log what --event-log wrote: one JSON object per line
 * @throws Error for an incomplete log, and for an unknown operation
 */
export function readChanges(log: string): Change[] {
  const events = parse(log);
  if (!events.some(({ summaryEvent }) => summaryEvent)) throw new Error("The event log breaks off: it has no summary.");
  const steps = readSteps(events);
  return steps.flatMap((step) => {
    if (step.op === deleteReplaced) return [];
    const action = actions[step.op];
    if (action === undefined) throw new Error(`The event log has an operation "${step.op}", which is not known.`);
    const deletions = steps.filter(({ op, urn }) => op === deleteReplaced && urn === step.urn);
    const oldName = step.old?.inputs?.name;
    return {
      action,
      type: step.type,
      name: step.urn.split("::").at(-1) ?? "",
      properties: [...((action === "replaced" ? withoutId(step.keys) : step.diffs) ?? [])].sort(),
      changedInputs: differingKeys(step.old?.inputs ?? {}, step.new?.inputs ?? {}),
      oldFirst: action === "replaced" && deletions.some(({ startedAt }) => startedAt < step.endedAt),
      keepsName: action === "replaced" && oldName !== undefined && oldName === step.new?.inputs?.name,
      startedAt: step.startedAt,
      endedAt: step.endedAt,
    };
  });
}

export function readErrors(log: string): string[] {
  return parse(log).flatMap(({ diagnosticEvent }) =>
    diagnosticEvent?.severity === "error" ? [diagnosticEvent.message.trim()] : [],
  );
}

function parse(log: string): EngineEvent[] {
  return log
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EngineEvent);
}

function readSteps(events: readonly EngineEvent[]): LoggedStep[] {
  return events.flatMap(({ resourcePreEvent }, startedAt) => {
    const step = resourcePreEvent?.metadata;
    if (step === undefined || unchanging.includes(step.op)) return [];
    if (!(step.new ?? step.old)?.custom || step.type.startsWith("pulumi:")) return [];
    const isEnd = ({ resOutputsEvent }: EngineEvent, i: number): boolean =>
      i > startedAt && resOutputsEvent?.metadata.urn === step.urn && resOutputsEvent.metadata.op === step.op;
    const endedAt = events.findIndex(isEnd);
    return endedAt < 0 ? [] : [{ ...step, startedAt, endedAt }]; // a step without an end was refused, or failed
  });
}

function differingKeys(before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

/** Every replacement changes the id. */
function withoutId(keys: readonly string[] | null | undefined): string[] {
  return (keys ?? []).filter((key) => key !== "id");
}
