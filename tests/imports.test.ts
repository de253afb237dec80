import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "./support/temporary-folder";
import { root } from "./support/whole-program";

/** Rule of .dependency-cruiser.mjs → files that break it. */
const wrongImports: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "no circles": {
    "ops/a.ts": 'import type { B } from "./b";\nexport type A = B;',
    "ops/b.ts": 'import type { A } from "./a";\nexport type B = A;',
  },
  "todo-app imports credential-pool": {
    "todo-app/a.ts": 'import "../rotation-fn/a";',
    "rotation-fn/a.ts": "export {};",
  },
  "local imports contract": { "local/a.ts": 'import "../demo/a";', "demo/a.ts": "export {};" },
  "nothing imports tests": { "bench/a.ts": 'import "../tests/a";', "tests/a.ts": "export {};" },
};

describe("npm run check:imports", () => {
  const folder = temporaryFolder();

  it("fails on a circle, even of types alone, and on an import that a folder may not have", () => {
    for (const [path, text] of Object.values(wrongImports).flatMap((files) => Object.entries(files))) {
      mkdirSync(dirname(join(folder.path, path)), { recursive: true });
      folder.write(path, text);
    }
    for (const file of ["tsconfig.json", ".dependency-cruiser.mjs"]) {
      copyFileSync(join(root, file), join(folder.path, file));
    }
    const depcruise = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
    const { stdout, status } = spawnSync(process.execPath, [depcruise, "--config", ".dependency-cruiser.mjs", "."], {
      cwd: folder.path,
      encoding: "utf8",
    });
    const found = [...stdout.matchAll(/error ([^:\n]+):/g)].map(([, rule]) => rule).sort();
    assert.deepEqual(found, Object.keys(wrongImports).sort(), stdout);
    assert.notEqual(status, 0);
  });
});
