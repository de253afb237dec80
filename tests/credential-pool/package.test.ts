import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeLibrary } from "../../library";
import { createLoginRole, type LoginRole } from "../support/login-role";
import { temporaryFolder } from "../support/temporary-folder";
import { root } from "../support/whole-program";

/** The same program as CommonJS, as an ES module and, type-checked, as both. */
const program = `
  const source = secretsManagerSource("arn:aws:secretsmanager:us-east-1:123456789012:secret:example-AbCdEf");
  const pool = new CredentialPool({
    readSecret: () => Promise.resolve({ text: process.env.SECRET ?? "", versionId: undefined, createdAt: undefined }),
    certificateAuthorities: readFileSync(process.env.PGSSLROOTCERT ?? "", "utf8"),
    log: console,
  });
  const { rows } = await pool.query({ text: "select $1::int as n", values: [1], effect: "read" });
  console.log(typeof source, rows[0]?.n, pool instanceof Pool, new DatabaseUnavailableError("nothing").mayRepeat);
  await pool.end();
`;
const names = "CredentialPool, DatabaseUnavailableError";
const commonJs = `
const { readFileSync } = require("node:fs");
const { Pool } = require("pg");
const { ${names} } = require("credential-pool");
const { secretsManagerSource } = require("credential-pool/secrets-manager");
(async () => {${program}})();`;
const esModule = `
import { readFileSync } from "node:fs";
import { Pool } from "pg";
import { ${names} } from "credential-pool";
import { secretsManagerSource } from "credential-pool/secrets-manager";
${program}`;
const typed = esModule.replace(program, `export async function main(): Promise<void> {${program}}`);
const printed = /^function 1 true true$/m;

describe("the package credential-pool", () => {
  const folder = temporaryFolder();
  let role: LoginRole;

  before(async function () {
    role = await createLoginRole();
    await writeLibrary();
    folder.write("package.json", JSON.stringify({ private: true }));
    // Packs the folder as `npm pack` does, and installs the package.
    const install = ["install", "--install-links", "--offline", "--no-audit", "--no-fund", "--legacy-peer-deps"];
    execFileSync("npm", [...install, join(root, "dist/credential-pool")], { cwd: folder.path });
    for (const name of ["pg", "@types/pg", "@types/node", "@aws-sdk/client-secrets-manager"]) link(name);
  });
  after(() => role.drop());

  /** What npm would install from the registry. */
  function link(name: string): void {
    const path = join(folder.path, "node_modules", name);
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(join(root, "node_modules", name), path, "dir");
  }

  function run(file: string, text: string) {
    folder.write(file, text);
    const env = { PATH: process.env.PATH, SECRET: role.secret.current, PGSSLROOTCERT: role.server.caFile };
    return spawnSync(process.execPath, [file], { cwd: folder.path, env, encoding: "utf8" });
  }

  /** TypeScript's errors by file; those in the package's own declarations too, not those in other packages'. */
  function check(files: Readonly<Record<string, string>>): Readonly<Record<string, readonly string[]>> {
    for (const [file, text] of Object.entries(files)) folder.write(file, text);
    const compilerOptions = { types: ["node"], skipLibCheck: false };
    const config = { extends: join(root, "tsconfig.json"), compilerOptions, files: Object.keys(files) };
    folder.write("tsconfig.json", JSON.stringify(config));
    const compiler = join(root, "node_modules/@typescript/native/bin/tsc");
    const args = [compiler, "--pretty", "false", "--listFiles"];
    const { stdout } = spawnSync(process.execPath, args, { cwd: folder.path, encoding: "utf8" });
    const lines = stdout.split(/\n(?! )/); // an indented line continues the one before
    const declarations = "node_modules/credential-pool/types/";
    assert.ok(lines.some((line) => line.endsWith(`/${declarations}credential-pool/index.d.ts`)));
    const errorsIn = (path: string) => lines.filter((line) => line.startsWith(path) && line.includes(": error TS"));
    return Object.fromEntries([...Object.keys(files), declarations].map((path) => [path, errorsIn(path)]));
  }

  it("is used by a CommonJS program and by an ES module", () => {
    for (const [file, text] of [
      ["program.cjs", commonJs],
      ["program.mjs", esModule],
    ] as const) {
      const { stdout, stderr, status } = run(file, text);
      assert.match(stdout, printed, stderr);
      assert.equal(status, 0);
    }
  });

  it("is the same for both: an error that one throws is also the other's", () => {
    const text = `
      import { createRequire } from "node:module";
      import { DatabaseUnavailableError } from "credential-pool";
      const required = createRequire(import.meta.url)("credential-pool");
      console.log(new required.DatabaseUnavailableError("nothing") instanceof DatabaseUnavailableError);`;
    assert.equal(run("both.mjs", text).stdout, "true\n");
  });

  it("type-checks in both, as does the README's example, and not with a misspelt option or an unknown effect", () => {
    const [, example = ""] =
      /```ts\n([^]*?)```/.exec(readFileSync(join(root, "credential-pool/README.md"), "utf8")) ?? [];
    const errors = check({
      ...{ "typed.mts": typed, "typed.cts": typed, "example.ts": example },
      "option.mts": typed.replace("log: console", "logs: console"),
      "effect.mts": typed.replace('"read"', '"reads"'),
    });
    const { "option.mts": ofOption = [], "effect.mts": ofEffect = [], ...others } = errors;
    assert.deepEqual(Object.values(others).flat(), []);
    assert.match(ofOption.join("\n"), /'logs' does not exist in type 'CredentialPoolOptions'/);
    assert.match(ofEffect.join("\n"), /No overload matches this call/);
  });

  it("needs pg, and the AWS SDK only for its source in Secrets Manager", () => {
    rmSync(join(folder.path, "node_modules/@aws-sdk"), { recursive: true });
    assert.equal(run("pool.cjs", 'console.log(typeof require("credential-pool").CredentialPool)').stdout, "function\n");
    assert.match(
      run("source.cjs", 'require("credential-pool/secrets-manager")').stderr,
      /Cannot find module '@aws-sdk/,
    );
    rmSync(join(folder.path, "node_modules/pg"));
    assert.match(run("no-pg.cjs", 'require("credential-pool")').stderr, /Cannot find module 'pg'/);
  });

  it("contains what it declares and nothing of Pulumi", () => {
    const installed = join(folder.path, "node_modules/credential-pool");
    for (const file of ["README.md", "LICENSE", "types/contract/database-credentials.d.ts"]) {
      assert.ok(readFileSync(join(installed, file)).length > 0, file);
    }
    assert.doesNotMatch(readFileSync(join(installed, "index.js"), "utf8"), /pulumi|aws-sdk/i);
  });
});
