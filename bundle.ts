import { build, type BuildOptions } from "esbuild";
import { copyFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Replaces the SDK's chain of credential providers in the rotation function's bundle. */
const environmentCredentials = { "@aws-sdk/credential-provider-node": "./rotation-fn/credentials.ts" };

/** What runs in AWS, each as one ES module: entry point (source) and where `npm run build` writes it. */
export const bundles = {
  "rotation-fn": { entryPoint: "rotation-fn/index.ts", outputFile: "dist/rotation-fn/index.mjs", platform: "node" },
  "todo-app": { entryPoint: "todo-app/server.ts", outputFile: "dist/todo-app/server.mjs", platform: "node" },
  "todo-page": {
    entryPoint: "todo-app/public/page.ts",
    outputFile: "dist/todo-app/public/page.js",
    platform: "browser",
  },
} as const;

/** What the todo service serves in addition to its script, as it is. */
const pageFiles = ["index.html", "style.css", "icon.svg"].map((name) => `todo-app/public/${name}`);

export type BundleName = keyof typeof bundles;

const nodeOptions = {
  platform: "node",
  target: "node20.19", // the oldest Node that runs the bundle locally; Lambda's nodejs24.x is newer
  external: ["pg-native"], // an optional addon that pg requires lazily and that is never installed
  // CommonJS dependencies call require(), which an ES module lacks.
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
} as const satisfies BuildOptions;

/**
 * Bundles one deployable, in memory: minified ES module with every dependency inside, the same bytes on every machine
 * (fixed working directory, no tsconfig read, esbuild pinned by the lock file).
 *
 * @throws esbuild's BuildFailure when a source does not compile; its message names file and line.
 */
export async function bundle(name: BundleName): Promise<Uint8Array> {
  const { entryPoint, platform } = bundles[name];
  const whole = { bundle: true, format: "esm", platform, legalComments: "none" } as const;
  // Lambda reports an error's class name as errorType. Only this project's names are kept: otherwise each closure would
  // be named again whenever it is created, which takes longer than many of them run.
  const own = await runBuild({
    ...whole,
    entryPoints: [entryPoint],
    packages: "external",
    keepNames: platform === "node",
  });
  return runBuild({
    ...whole,
    stdin: { contents: Buffer.from(own).toString(), resolveDir: __dirname },
    minify: true,
    mainFields: ["module", "main"],
    alias: name === "rotation-fn" ? environmentCredentials : {},
    ...(platform === "node" ? nodeOptions : { platform, target: "es2022" }),
  });
}

async function runBuild(options: BuildOptions): Promise<Uint8Array> {
  const result = await build({ ...options, absWorkingDir: __dirname, tsconfigRaw: {}, write: false });
  const [file] = result.outputFiles;
  if (!file) throw new Error("esbuild wrote nothing");
  return file.contents;
}

/**
 * Bundles one deployable and writes it below dist/. The file is replaced in one step, so that none reads half of it.
 *
 * @returns the file, relative to this folder, and its contents
 */
export async function writeBundle(name: BundleName): Promise<{ outputFile: string; contents: Uint8Array }> {
  const { outputFile } = bundles[name];
  const contents = await bundle(name);
  const path = join(__dirname, outputFile);
  const unfinished = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
  return { outputFile, contents };
}

/** The folders below dist/ for AWS: the rotation function goes to Lambda, the todo service into its image. */
const deployables = ["rotation-fn", "todo-app"];
/** A package for other services. Built by library.ts, which the image's build does not need. */
const library = "credential-pool";

/** Writes the bundles of the given folders below dist/, and the page's other files, and returns the bundles' sizes. */
export async function writeBundles(
  folders: readonly string[] = deployables,
): Promise<readonly { readonly outputFile: string; readonly bytes: number }[]> {
  const names = (Object.keys(bundles) as BundleName[]).filter((name) =>
    folders.some((folder) => bundles[name].outputFile.startsWith(`dist/${folder}/`)),
  );
  const writing = names.map(async (name) => {
    const { outputFile, contents } = await writeBundle(name);
    return { outputFile, bytes: contents.length };
  });
  const written = await Promise.all(writing);
  if (folders.includes("todo-app")) {
    for (const file of pageFiles) {
      copyFileSync(join(__dirname, file), join(__dirname, "dist/todo-app/public", basename(file)));
    }
  }
  return written;
}

/** `npm run build [-- FOLDER …]` */
async function main(folders: readonly string[]): Promise<void> {
  const known = [...deployables, library];
  const unknown = folders.find((folder) => !known.includes(folder));
  if (unknown !== undefined) {
    console.error(`npm run build: received "${unknown}", accepted is ${known.join(" or ")}, or nothing for all`);
    process.exitCode = 2;
    return;
  }
  const wanted = folders.length > 0 ? folders : known;
  const written = [...(await writeBundles(wanted))];
  if (wanted.includes(library)) written.push(...(await (await import("./library.js")).writeLibrary()));
  for (const { outputFile, bytes } of written) {
    console.log(`${outputFile}  ${Math.ceil(bytes / 1024)} KiB`);
  }
}

if (require.main === module) void main(process.argv.slice(2));
