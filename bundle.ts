import { buildSync } from "esbuild";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What runs in AWS, each as one ES module: entry point (source) and where `npm run build` writes it. */
export const bundles = {
  "rotation-fn": { entryPoint: "rotation-fn/index.ts", outputFile: "dist/rotation-fn/index.mjs" },
} as const;

export type BundleName = keyof typeof bundles;

/**
 * Bundles one deployable, in memory: minified ES module with every dependency inside, the same bytes on every machine
 * (fixed working directory, no tsconfig read, esbuild pinned by the lock file).
 *
 * @throws esbuild's BuildFailure when a source does not compile; its message names file and line.
 */
export function bundle(name: BundleName): Uint8Array {
  const result = buildSync({
    absWorkingDir: __dirname,
    entryPoints: [bundles[name].entryPoint],
    bundle: true,
    write: false,
    minify: true,
    keepNames: true, // an error's class name is what Lambda reports as errorType
    platform: "node",
    format: "esm",
    target: "node20.19", // the oldest Node that runs the bundle locally; Lambda's nodejs24.x is newer
    mainFields: ["module", "main"],
    tsconfigRaw: {},
    external: ["pg-native"], // an optional addon that pg requires lazily and that is never installed
    legalComments: "none",
    // CommonJS dependencies call require(), which an ES module lacks.
    banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error(`esbuild wrote nothing for ${name}`);
  return file.contents;
}

/** Writes every bundle below dist/ and tells its size. */
export function writeBundles(): readonly { readonly outputFile: string; readonly bytes: number }[] {
  return (Object.keys(bundles) as BundleName[]).map((name) => {
    const { outputFile } = bundles[name];
    const contents = bundle(name);
    mkdirSync(dirname(join(__dirname, outputFile)), { recursive: true });
    writeFileSync(join(__dirname, outputFile), contents);
    return { outputFile, bytes: contents.length };
  });
}

if (require.main === module) {
  for (const { outputFile, bytes } of writeBundles()) console.log(`${outputFile}  ${Math.ceil(bytes / 1024)} KiB`);
}
