import { build } from "esbuild";
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

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
  writeDeclarations(join(folder, "types"));
  for (const file of copied) copyFileSync(join(__dirname, file), join(folder, file.replace(`${source}/`, "")));
  return entryPoints.map((name) => ({
    outputFile: `${target}/${name}.js`,
    bytes: statSync(join(folder, `${name}.js`)).size,
  }));
}

function writeDeclarations(outDir: string): void {
  const { config } = ts.readConfigFile(join(__dirname, "tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    config: { compilerOptions: object };
  };
  // Looked for from here, not from the working directory.
  const types = { types: ["node"], typeRoots: [join(__dirname, "node_modules/@types")] };
  const only = { ...types, noEmit: false, declaration: true, emitDeclarationOnly: true, rootDir: __dirname, outDir };
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, ...only }, __dirname);
  const program = ts.createProgram(
    entryPoints.map((name) => join(__dirname, source, `${name}.ts`)),
    options,
  );
  const { diagnostics } = program.emit();
  const problems = [...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (problems.length > 0) {
    throw new Error(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")).join("\n"));
  }
}
