import { Logger, makeWorkerUtils, run, type TaskList } from "graphile-worker";
import { describeOnRotatingPool } from "./suite";

interface Payload {
  readonly n: number;
  readonly end: "commit" | "rollback";
}

const logger = new Logger(() => () => undefined);

describeOnRotatingPool({
  name: "graphile-worker",
  async open(pool) {
    const options = { pgPool: pool, logger };
    const utils = await makeWorkerUtils(options);
    await utils.migrate();
    await pool.query("create table if not exists entries (n integer); create table if not exists copies (n integer)");

    const waiting = new Map<string, { readonly resolve: () => void; readonly reject: (reason: unknown) => void }>();
    const taskList: TaskList = {
      add: (payload, { withPgClient }) =>
        withPgClient(async (client) => {
          const { n, end } = payload as Payload;
          await client.query("begin");
          await client.query("insert into entries values ($1)", [n]);
          await client.query("insert into copies select n from entries where n = $1", [n]);
          await client.query(end);
        }),
    };
    const runner = await run({ ...options, taskList, concurrency: 4, noHandleSignals: true, pollInterval: 100 });
    const failAll = ({ error }: { readonly error: unknown }) => {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    runner.events.on("job:success", ({ job }) => waiting.get((job.payload as { key: string }).key)?.resolve());
    for (const event of ["job:error", "worker:fatalError", "worker:getJob:error", "pool:listen:error"] as const) {
      runner.events.on(event, failAll);
    }

    /** Adds a job, and waits until it has run. */
    const addJob = async (payload: Payload) => {
      const key = String(payload.n);
      const done = new Promise<void>((resolve, reject) => {
        waiting.set(key, { resolve, reject });
      });
      done.catch(() => undefined);
      await utils.addJob("add", { ...payload, key });
      await done;
      waiting.delete(key);
    };
    return {
      add: (n) => addJob({ n, end: "commit" }),
      addInVain: (n) => addJob({ n, end: "rollback" }),
      async close() {
        await runner.stop();
        await utils.release();
      },
    };
  },
});
