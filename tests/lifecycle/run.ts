import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readProject } from "../../engine/stack-config";
import { checkState, type ExportedState } from "../support/exported-state";
import { madeInMoto, type Arguments, type Settings } from "./arguments";
import { describeExisting, makeExisting, type Existing } from "./existing";
import { LifecycleError } from "./failure";
import { judgeChanges, judgeDeletions, judgeSecondPreview } from "./judgement";
import { requestCertificate, writeFirstValues } from "./moto";
import { writeRecording } from "./recording";
import { operate, readOutput, setConfig, type Operation, type Stack } from "./stack";

/** No image is built here. */
const serviceImage = "123456789012.dkr.ecr.us-east-1.amazonaws.com/todo:1";

/** One step of a lifecycle: what was done, what the engine did, and what is wrong with that. */
export interface StepReport {
  readonly step: string;
  /** For an up that changes a running stack: what was changed in its configuration. */
  readonly settings?: Settings;
  readonly operation: Operation;
  readonly findings: readonly string[];
}

/** The steps of one stack's life, from its first up to its end. */
export class Lifecycle {
  /** What the stack uses and did not create, and its earlier state. */
  #existing: (Existing & { readonly description: string }) | undefined;

  /** @param report is called for each step as soon as it is done */
  constructor(
    private readonly stack: Stack,
    private readonly endpointUrl: string,
    private readonly report: (report: StepReport) => void,
  ) {}

  /** @returns the exported state from before the destroy */
  async run({ config, changes, recording }: Arguments): Promise<string> {
    const hasService = "serviceImage" in readProject(this.stack.projectFolder).config;
    if (hasService) await setConfig(this.stack, "serviceImage", serviceImage);
    const file = readFileSync(join(this.stack.projectFolder, `Pulumi.${this.stack.name}.yaml`), "utf8");
    if (file.includes("certificateArn")) await this.#set({ certificateArn: madeInMoto });
    const set = await this.#set(config);

    const newStack = recording === undefined ? undefined : await readOutput(this.stack, ["preview", "--json"]);
    this.report({ step: "up", operation: await this.#up(), findings: [] });
    if (recording !== undefined && newStack !== undefined) {
      const state = await readOutput(this.stack, ["stack", "export"]);
      writeRecording(recording, this.stack.name, { serviceImage, ...set }, newStack, state);
    }
    await this.#secondPreview("preview after up");
    for (const settings of changes) await this.#change(settings);
    const state = await readOutput(this.stack, ["stack", "export"]);
    const findings = checkState(JSON.parse(state) as ExportedState);
    this.report({ step: "state", operation: { status: 0, seconds: 0, changes: [], errors: [] }, findings });
    await this.#destroy(state);
    return state;
  }

  /** @returns the values, including those of what was created in moto */
  async #set(settings: Settings): Promise<Settings> {
    const set: Record<string, string> = {};
    for (const [key, value] of Object.entries(settings)) {
      set[key] = value === madeInMoto ? await this.#makeInMoto(key) : value;
    }
    for (const [key, value] of Object.entries(set)) await setConfig(this.stack, key, value);
    return set;
  }

  async #makeInMoto(key: string): Promise<string> {
    if (key === "certificateArn") return requestCertificate(this.endpointUrl);
    if (this.#existing === undefined) {
      const existing = await makeExisting(this.endpointUrl);
      this.#existing = { ...existing, description: await describeExisting(this.endpointUrl, existing) };
    }
    const { [key as keyof Existing]: value } = this.#existing;
    return JSON.stringify(value);
  }

  /** Also writes the first value of each new secret, as the bootstrap function would. */
  async #up(): Promise<Operation> {
    const bootstrap = new AbortController();
    const up = this.#succeed("up").finally(() => {
      bootstrap.abort();
    });
    const [operation, values] = await Promise.allSettled([up, writeFirstValues(this.endpointUrl, bootstrap.signal)]);
    if (operation.status === "rejected") throw operation.reason;
    if (values.status === "rejected") throw values.reason;
    return operation.value;
  }

  async #change(settings: Settings): Promise<void> {
    const name = Object.entries(settings)
      .map(([key, value]) => `${key}=${value}`)
      .join(", ");
    await this.#set(settings);
    const preview = await this.#succeed("preview");
    this.report({ step: `preview of ${name}`, operation: preview, findings: judgeChanges(preview.changes) });
    const up = await this.#up();
    this.report({ step: `up with ${name}`, settings, operation: up, findings: judgeChanges(up.changes) });
    await this.#secondPreview(`preview after ${name}`);
  }

  async #secondPreview(step: string): Promise<void> {
    const operation = await this.#succeed("preview");
    this.report({ step, operation, findings: judgeSecondPreview(operation.changes) });
  }

  /** A protected stack refuses because of its guard and keeps every resource; of any other stack nothing is left. */
  async #destroy(before: string): Promise<void> {
    const operation = await operate(this.stack, "destroy");
    const after = await readOutput(this.stack, ["stack", "export"]);
    const findings = before.includes('"protect": true')
      ? this.#judgeRefusal(operation, count(after) - count(before))
      : [
          ...judgeDeletions(operation.changes, this.#existing === undefined),
          ...(count(after) === 0 ? [] : [`destroy left ${count(after)} resources`]),
          ...(operation.status === 0 ? [] : [`destroy ended with ${operation.status}`]),
        ];
    this.report({ step: "destroy", operation, findings: [...findings, ...(await this.#judgeExisting())] });
  }

  async #judgeExisting(): Promise<string[]> {
    if (this.#existing === undefined) return [];
    const isUnchanged = (await describeExisting(this.endpointUrl, this.#existing)) === this.#existing.description;
    return isUnchanged ? [] : ["the existing network or cluster is not as it was"];
  }

  #judgeRefusal({ status, changes, errors }: Operation, difference: number): string[] {
    return [
      ...(status === 0 ? ["destroy of a protected stack succeeded"] : []),
      ...(changes.length === 0 && difference === 0 ? [] : ["destroy of a protected stack changed resources"]),
      ...(errors.some((error) => error.includes("::deletion-guard")) ? [] : ["no error names the deletion guard"]),
    ];
  }

  async #succeed(command: "preview" | "up"): Promise<Operation> {
    const operation = await operate(this.stack, command);
    if (operation.status !== 0) {
      throw new LifecycleError([`pulumi ${command} ended with ${operation.status}.`, ...operation.errors].join("\n"));
    }
    return operation;
  }
}

/** Without providers, which the engine adds to the state and removes as needed. */
function count(state: string): number {
  const { resources = [] } = (JSON.parse(state) as ExportedState).deployment;
  return resources.filter(({ type }) => !type.startsWith("pulumi:providers:")).length;
}
