import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/whole-program";

const source = readFileSync(join(root, "components/awsx.ts"), "utf8");

/** The classes that components/awsx.ts exports, with the files that declare them. */
function exportedComponents(): { name: string; declaration: string }[] {
  const exports = [...source.matchAll(/^export \{ (.+) \} from "(@pulumi\/awsx\/\w+)";$/gm)];
  return exports.flatMap(([, names = "", module = ""]) =>
    names
      .split(", ")
      .filter((name) => !name.startsWith("type "))
      .map((name) => {
        const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}.d.ts`;
        return { name, declaration: readFileSync(require.resolve(`${module}/${file}`, { paths: [root] }), "utf8") };
      }),
  );
}

/** Types of the outputs that are resources, for example `lb/targetGroup`. */
function outputModules(declaration: string): string[] {
  const outputs = [...declaration.matchAll(/readonly \w+: pulumi\.Output<(.+)>;/g)].map(([, type = ""]) => type);
  const resources = outputs.flatMap((type) => [...type.matchAll(/pulumiAws\.(\w+)\.([A-Z]\w*)/g)]);
  return resources.map(([, module = "", type = ""]) => `${module}/${type.charAt(0).toLowerCase()}${type.slice(1)}`);
}

/** The modules whose references are returned as resources, in a process that loads one file after the other. */
function loadedModules(...files: readonly string[]): string[][] {
  const script = `
    for (const file of ${JSON.stringify(files)}) {
      require(file);
      console.log(JSON.stringify([...require("@pulumi/pulumi/runtime/state").getResourceModules().keys()]));
    }`;
  const args = ["--require", "./tsx.cjs", "--require", "./preload.cjs", "--eval", script];
  const lines = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as string[]);
}

describe("components/awsx.ts", () => {
  let alone: readonly string[] = [];
  let loaded: readonly string[] = [];

  before(() => {
    [alone = [], loaded = []] = loadedModules("@pulumi/awsx/lb", "./components/awsx.ts");
  });

  it("loads the module of every resource that an exported component returns", () => {
    const components = exportedComponents();
    assert(components.length > 0);
    for (const { name, declaration } of components) {
      for (const module of outputModules(declaration)) {
        assert(
          loaded.includes(`aws:${module}`),
          `${name} returns aws:${module}: import its module in components/awsx.ts`,
        );
      }
    }
    const load = components.flatMap(({ declaration }) => outputModules(declaration));
    assert(load.includes("lb/targetGroup") && load.includes("ecs/service"), load.join());
  });

  it('"is needed: awsx alone loads none of them"', () => {
    assert(!alone.includes("aws:lb/targetGroup") && alone.some((module) => module.startsWith("awsx:")));
  });
});
