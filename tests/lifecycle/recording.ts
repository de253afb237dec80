import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { recordingsFolder, type Recording } from "../../engine/recording";
import { cutRecording, type NewStackPreview } from "../support/cut-recording";
import type { ExportedState } from "../support/exported-state";
import { madeInMoto, root, type Settings } from "./arguments";

/** The packages whose types and components a recording shows. */
const packages = ["@pulumi/aws", "@pulumi/awsx"];

/**
 * Writes tests/recorded/NAME.json.
 *
 * @param config what was set over the stack's file
 * @param preview what `pulumi preview --json` printed before the first up
 * @param state what `pulumi stack export` printed after it
 */
export function writeRecording(name: string, stack: string, config: Settings, preview: string, state: string): void {
  const recording = cutRecording(JSON.parse(state) as ExportedState, JSON.parse(preview) as NewStackPreview, {
    stack,
    config,
    packages: Object.fromEntries(packages.map((packageName) => [packageName, installedVersion(packageName)])),
  });
  writeFileSync(join(recordingsFolder, `${name}.json`), `${JSON.stringify(recording, undefined, 2)}\n`);
}

export function renewCommand(name: string, { stack, config }: Pick<Recording, "stack" | "config">): string {
  const settings = Object.entries(config).map(([key, value]) => {
    // Its ids are moto's and change every time.
    return `--config ${key}=${key.startsWith("existing") ? madeInMoto : value}`;
  });
  return ["npm run lifecycle --", stack, ...settings, "--record", name].join(" ");
}

export function installedVersion(packageName: string): string {
  const manifest = readFileSync(join(root, "node_modules", packageName, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
