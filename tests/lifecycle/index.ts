import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../../command-line";
import { defaultEndpointUrl, parseArguments, usage, type Arguments } from "./arguments";
import { LifecycleError } from "./failure";
import { startFront } from "./front";
import { resetMoto } from "./moto";
import { renderStep, reportChanges } from "./report";
import { Lifecycle, type StepReport } from "./run";
import { findCli, makeStack } from "./stack";

async function runLifecycle(args: Arguments): Promise<number> {
  const cli = await findCli();
  const endpointUrl = process.env.AWS_ENDPOINT_URL ?? defaultEndpointUrl;
  await resetMoto(endpointUrl);
  const front = await startFront(endpointUrl);
  const folder = mkdtempSync(join(tmpdir(), "todo-rotation-lifecycle-"));
  const reports: StepReport[] = [];
  try {
    const stack = await makeStack(args, folder, cli, front.url);
    const lifecycle = new Lifecycle(stack, front.url, (report) => {
      reports.push(report);
      console.log(renderStep(report));
    });
    const state = await lifecycle.run(args);
    if (args.stateFile !== undefined) writeFileSync(args.stateFile, state);
  } finally {
    if (args.reportFile !== undefined)
      writeFileSync(args.reportFile, `${JSON.stringify(reportChanges(args, reports), undefined, 2)}\n`);
    rmSync(folder, { recursive: true, force: true });
    await front.stop();
  }
  const count = reports.reduce((sum, { findings }) => sum + findings.length, 0);
  console.log(count === 0 ? `\nThe lifecycle of ${args.environment} is as it has to be.` : `\n${count} findings`);
  return count === 0 ? 0 : 1;
}

runCommand(process.argv.slice(2), { usage, parse: parseArguments, run: runLifecycle }).then(
  (exitCode) => (process.exitCode = exitCode),
  (error: unknown) => {
    if (!(error instanceof LifecycleError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  },
);
