import { build } from "esbuild";
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const compiler = join(__dirname, "node_modules/@typescript/native/bin/tsc");
const source = "credential-pool";
const target = "dist/credential-pool";
/** As the package's `exports` name them. */
const entryPoints = ["index", "secrets-manager"];
const copied = [`${source}/package.json`, `${source}/README.md`, "LICENSE"];

/**
 * Builds the package credential-pool in dist/credential-pool, ready for `npm pack`: CommonJS with contract/ inside, ES
 * modules that re-export the same objects, and declarations.
 *
 * @returns the scripts' sizes
 * @throws esbuild's BuildFailure; Error with TypeScript's messages
 */
export async function writeLibrary(): Promise<readonly { readonly outputFile: string; readonly bytes: number }[]> {
  const folder = join(__dirname, target);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    ...{ absWorkingDir: __dirname, tsconfigRaw: {}, bundle: true, packages: "external", platform: "node" },
    ...{ format: "cjs", target: "node20.19", outdir: target },
    entryPoints: entryPoints.map((name) => `${source}/${name}.ts`),
  });
  for (const name of entryPoints) {
    // Not a second copy: a program that imports and requires it would have two classes for each error.
    writeFileSync(join(folder, `${name}.mjs`), `export * from "./${name}.js";\n`);
    writeFileSync(join(folder, `${name}.d.mts`), `export * from "./types/${source}/${name}.js";\n`);
  }
  await writeDeclarations();
  for (const file of copied) copyFileSync(join(__dirname, file), join(folder, file.replace(`${source}/`, "")));
  return entryPoints.map((name) => ({
    outputFile: `${target}/${name}.js`,
    bytes: statSync(join(folder, `${name}.js`)).size,
  }));
}

/** Where credential-pool/tsconfig.json says. */
async function writeDeclarations(): Promise<void> {
  await run(process.execPath, [compiler, "--project", source], { cwd: __dirname }).catch((error: unknown) => {
    const { stdout, message } = error as { readonly stdout: string; readonly message: string };
    throw new Error(stdout === "" ? message : stdout, { cause: error }); // the compiler writes what it finds to stdout
  });
}
