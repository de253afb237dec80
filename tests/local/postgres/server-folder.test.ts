import assert from "node:assert/strict";
import { join } from "node:path";
import { takesServers } from "../../../local/postgres/server-folder";
import { temporaryFolder } from "../../support/temporary-folder";

describe("a folder in memory takes servers", () => {
  const folder = temporaryFolder();
  const mountedWith = (options: string) => folder.write("mounts", `tmpfs ${folder.path} tmpfs ${options} 0 0\n`);

  it("if it has room and allows programs", () => {
    assert(takesServers(folder.path, 4096, mountedWith("rw,nosuid")));
  });

  it("unless it is full", () => {
    assert(!takesServers(folder.path, Number.MAX_SAFE_INTEGER, mountedWith("rw,nosuid")));
  });

  it("unless it forbids programs, which a copy of the binaries are", () => {
    assert(!takesServers(folder.path, 4096, mountedWith("rw,nosuid,noexec")));
  });

  it("unless it does not exist, or nothing says how it is mounted", () => {
    assert(!takesServers(join(folder.path, "absent"), 4096, mountedWith("rw")));
    assert(!takesServers(folder.path, 4096, join(folder.path, "absent")));
  });
});
