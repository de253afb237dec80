import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { Client } from "pg";
import type { HolderReport } from "../../support/postgres-holder";
import { waitUntil } from "../../support/processes";
import { temporaryFolder } from "../../support/temporary-folder";

const repository = join(__dirname, "../../..");
const platform = `${process.platform}-${process.arch}`;

/**
 * Simulates a checkout below root's 0700 home, installed by an npm that does not run the package's postinstall script.
 */
function fillCheckout(checkout: string): void {
  const sources = ["local", "tests/support/postgres-holder.ts"];
  for (const path of [...sources, `node_modules/@postgresql-17/${platform}`]) {
    cpSync(join(repository, path), join(checkout, path), { recursive: true, verbatimSymlinks: true });
  }
  const lib = join(checkout, "node_modules/@postgresql-17", platform, "native/lib");
  for (const name of readdirSync(lib)) if (lstatSync(join(lib, name)).isSymbolicLink()) rmSync(join(lib, name));
  mkdirSync(join(checkout, "node_modules/@peculiar"));
  for (const name of ["pg", "@peculiar/x509", "reflect-metadata"]) {
    symlinkSync(join(repository, "node_modules", name), join(checkout, "node_modules", name));
  }
}

describe("a checkout whose binaries the server's user cannot run where they are", () => {
  const checkout = temporaryFolder(); // 0700
  let child: ChildProcess | undefined;
  let umask: number;

  before(() => {
    umask = process.umask(0o077); // then only root can access the copy at first, too
    fillCheckout(checkout.path);
  });

  after(() => {
    process.umask(umask);
    child?.kill("SIGKILL");
  });

  it("starts a server from a copy of them, which is removed with it", async () => {
    const args = [
      "--require",
      require.resolve("tsx/cjs"),
      join(checkout.path, "tests/support/postgres-holder.ts"),
      "stay",
    ];
    child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(child.stdout ?? child, "data")) as [Buffer];
    const { port, caFile, administrator } = JSON.parse(line.toString()) as HolderReport;
    const folder = dirname(caFile);
    assert.ok(existsSync(join(folder, "native/bin/postgres")));

    const { username: user, password } = administrator;
    const ssl = { ca: readFileSync(caFile, "utf8") };
    const client = new Client({ host: "localhost", port, user, password, database: "postgres", ssl });
    await client.connect();
    await client.end();

    child.kill("SIGKILL");
    await waitUntil(() => !existsSync(folder), "the copy is gone");
  });
});
