import type { Memory } from "./memory";
import type { PastFault, Requests } from "./requests";

/** What happened in a run. */
export interface SoakReport {
  readonly subjects: readonly {
    readonly strategy: string;
    readonly requests: Requests;
    readonly rotations: number;
    readonly healed: number;
    readonly stepErrors: readonly string[];
    readonly complaints: readonly string[];
  }[];
  readonly faults: readonly PastFault[];
  readonly memories: readonly Memory[];
  /** Sessions of the services at the start, at most, and at the end; of the functions at the end. */
  readonly connections: {
    readonly start: number;
    readonly most: number;
    readonly end: number;
    readonly functionsAtEnd: number;
  };
  /** How often a secret's credential was seen to log in. */
  readonly looks: number;
}

/** The maximum in each service's pool. */
const sessionsPerService = 10;

/** Every broken promise. */
export function complaintsOf({ subjects, faults, memories, connections, looks }: SoakReport): readonly string[] {
  const most = sessionsPerService * subjects.length;
  return [
    ...subjects.flatMap(({ strategy, requests, complaints, rotations }) => [
      ...complaints,
      ...requests.complaints(faults).map((complaint) => `${strategy}: ${complaint}`),
      ...(rotations === 0 ? [`${strategy}: never rotated`] : []),
    ]),
    ...memories.flatMap((memory) => memory.complaint() ?? []),
    ...(looks === 0 ? ["nobody ever looked whether a credential logs in"] : []),
    ...(connections.end > most ? [`the services have ${connections.end} sessions; accepted is ${most}`] : []),
    ...(connections.functionsAtEnd > 0 ? [`the functions left ${connections.functionsAtEnd} sessions open`] : []),
  ];
}

export function formatReport(report: SoakReport): string {
  const { subjects, faults, memories, connections, looks } = report;
  const row = (name: string, text: string) => `${name.padEnd(13)} ${text}`;
  const lines = subjects.flatMap(({ strategy, requests, rotations, healed, stepErrors }) => [
    strategy,
    row("  requests", `${requests.answered} answered, ${requests.failed} failed`),
    ...counted(requests.failures.map(({ cause }) => cause)).map((text) => row("", `  ${text}`)),
    row("  rotations", `${rotations} succeeded, ${healed} of them by a later try`),
    ...counted(stepErrors).map((text) => row("", `  ${text}`)),
  ]);
  const complaints = complaintsOf(report);
  return [
    "",
    ...lines,
    row("faults", `${faults.length}`),
    ...counted(faults.map(({ kind }) => kind)).map((text) => row("", `  ${text}`)),
    row("logins", `${looks} looks whether somebody can log in`),
    ...memories.map((memory) => {
      const [used, resident] = [memory.ends("usedBytes"), memory.ends("residentBytes")];
      const text = `${used.start} MB in use at the start, ${used.end} at the end`;
      return row("memory", `${memory.name}: ${text} (resident: ${resident.start}, ${resident.end})`);
    }),
    row(
      "connections",
      `of the services: ${connections.start} at the start, ${connections.most} at most, ${connections.end} at the end; of the functions at the end: ${connections.functionsAtEnd}`,
    ),
    "",
    complaints.length === 0 ? "Every promise was kept." : complaints.map((text) => `Broken: ${text}`).join("\n"),
    "",
  ].join("\n");
}

/** "3 of this", most frequent first. */
function counted(texts: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a).map(([text, count]) => `${count} ${text}`);
}
