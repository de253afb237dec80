import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "../support/whole-program";

/** TypeScript's errors in sources as if they were in docs/, one list for each source. */
function diagnose(sources: readonly string[]): readonly (readonly string[])[] {
  const files = new Map(sources.map((source, index) => [join(root, "docs", `example-${index}.ts`), source]));
  const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as {
    compilerOptions: object;
  };
  const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, root);
  const host = ts.createCompilerHost(options);
  const program = ts.createProgram([...files.keys()], options, {
    ...host,
    fileExists: (path) => files.has(path) || host.fileExists(path),
    readFile: (path) => files.get(path) ?? host.readFile(path),
    getSourceFile(path, version) {
      const source = files.get(path);
      return source === undefined ? host.getSourceFile(path, version) : ts.createSourceFile(path, source, version);
    },
  });
  return [...files.keys()].map((path) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
  );
}

describe("credential-pool/README.md", () => {
  const text = readFileSync(join(root, "credential-pool", "README.md"), "utf8");
  // tests/credential-pool/package.test.ts checks what the package name means outside this repository.
  const [, example = ""] =
    /```ts\n([\s\S]*?)```/.exec(text.replaceAll('from "credential-pool', 'from "../credential-pool')) ?? [];

  it("has an example that compiles as it stands", () => {
    assert.match(example, /readSecret:/);
    const [problems, problemsOfAnother] = diagnose([example, example.replace("readSecret:", "readSecrets:")]);
    assert.deepEqual(problems, []);
    assert.equal(problemsOfAnother?.length, 1);
  });
});
