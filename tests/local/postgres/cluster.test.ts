import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { findBinaries } from "../../../local/postgres/binaries";
import { Cluster } from "../../../local/postgres/cluster";
import { findFreePort } from "../../../local/postgres/free-port";
import { createFolder, writeServerFiles } from "../../../local/postgres/server-folder";
import { findServerUser, giveToServerUser } from "../../../local/postgres/server-user";
import { Supervisor } from "../../../local/postgres/supervisor";

describe("Cluster", () => {
  let supervisor: Supervisor;
  let cluster: Cluster;
  let otherProcess: Server;
  let takenPort: number;

  before(async () => {
    const user = await findServerUser();
    const folder = createFolder(user);
    const logFile = join(folder, "postgresql.log");
    supervisor = new Supervisor(folder, logFile, user);
    const files = await writeServerFiles(folder, "example-password-1", {}, "on");
    const bin = await findBinaries(17, user, join(folder, "native"));
    await giveToServerUser(folder, user);
    cluster = new Cluster(supervisor, { ...files, bin, data: join(folder, "data"), logFile });
    await cluster.initialize("rdsadmin", files.passwordFile);

    otherProcess = createServer().listen(0, "127.0.0.1");
    await once(otherProcess, "listening");
    takenPort = (otherProcess.address() as AddressInfo).port;
  });

  after(async () => {
    otherProcess.close();
    await supervisor.close();
  });

  it("gives up when every proposed port is taken", async () => {
    let proposals = 0;
    const propose = (): Promise<number> => {
      proposals++;
      return Promise.resolve(takenPort);
    };
    await assert.rejects(cluster.startOnFreePort(propose), { message: /^PostgreSQL did not start:[^]*could not bind/ });
    assert.equal(proposals, 5);
  });

  it("starts on the next port when another process took the first", async () => {
    const freePort = await findFreePort();
    const proposals = [takenPort, freePort];
    assert.equal(await cluster.startOnFreePort(() => Promise.resolve(proposals.shift() ?? NaN)), freePort);
    assert.deepEqual(proposals, []);
  });
});
