import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A separate folder for one test file, created before its tests and removed after them. */
export function temporaryFolder(): { readonly path: string; write(name: string, text: string): string } {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "todo-rotation-test-"));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });
  return {
    get path() {
      return folder;
    },
    write(name, text) {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    },
  };
}
