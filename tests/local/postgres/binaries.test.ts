import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { findBinaries, type PostgresVersion } from "../../../local/postgres/binaries";
import { temporaryFolder } from "../../support/temporary-folder";

/** A version that no package has and no machine should have: only the locations after the package matter. */
const absent = 9 as PostgresVersion;

describe("findBinaries", () => {
  const { PG_BIN_DIR } = process.env;
  const folder = temporaryFolder();

  beforeEach(() => {
    delete process.env.PG_BIN_DIR;
  });

  afterEach(() => {
    if (PG_BIN_DIR === undefined) delete process.env.PG_BIN_DIR;
    else process.env.PG_BIN_DIR = PG_BIN_DIR;
  });

  function find(): Promise<string> {
    return findBinaries(absent, undefined, join(folder.path, "copy"));
  }

  function setBinDirOf(version: string): void {
    chmodSync(folder.write("postgres", `#!/bin/sh\necho "postgres (PostgreSQL) ${version}"\n`), 0o755);
    process.env.PG_BIN_DIR = folder.path;
  }

  it("uses PG_BIN_DIR when the package is absent", async () => {
    setBinDirOf("9.6");
    assert.equal(await find(), folder.path);
  });

  it("refuses a PG_BIN_DIR of another version", async () => {
    setBinDirOf("16.9 (Debian 16.9-1)");
    await assert.rejects(find(), {
      message: new RegExp(
        `- ${folder.path}: is "postgres \\(PostgreSQL\\) 16\\.9 \\(Debian 16\\.9-1\\)", not version 9\n`,
      ),
    });
  });

  it("says where it looked when it finds nothing", async () => {
    await assert.rejects(find(), {
      message: [
        "found no PostgreSQL 9 that can be started:",
        `- @postgresql-9/${process.platform}-${process.arch}: not installed (npm install does, unless optional dependencies are omitted)`,
        "- PG_BIN_DIR: not set",
        "- /usr/lib/postgresql/9/bin: spawn /usr/lib/postgresql/9/bin/postgres ENOENT",
      ].join("\n"),
    });
  });
});
