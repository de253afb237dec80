import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { bundles } from "../../bundle";
import { createServerCertificate } from "../../local/certificates";
import { findFreePort } from "../../local/postgres/free-port";
import { temporaryFolder } from "../support/temporary-folder";

const root = join(__dirname, "..", "..");
const instructions = readFileSync(join(root, "todo-app/Dockerfile"), "utf8")
  .replace(/^#.*\n/gm, "")
  .replace(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => ({ name: line.slice(0, line.indexOf(" ")), value: line.slice(line.indexOf(" ") + 1) }));
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));

const valuesOf = (name: string, of = lastStage) => of.filter((one) => one.name === name).map(({ value }) => value);
const environment = Object.fromEntries(
  valuesOf("ENV").flatMap((line) => [...line.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value])),
) as Record<string, string>;
const command = JSON.parse(valuesOf("CMD")[0] ?? "[]") as string[];
const healthCheck = JSON.parse(/CMD (\[.*)/.exec(valuesOf("HEALTHCHECK")[0] ?? "")?.[1] ?? "[]") as string[];

/** What the build stage copies. */
const sources = valuesOf("COPY", instructions)
  .filter((value) => !value.startsWith("--from"))
  .flatMap((value) => value.split(" ").slice(0, -1));

describe("todo-app/Dockerfile", () => {
  const checkout = temporaryFolder();
  const image = temporaryFolder();

  it("pins its base images to one exact release, the same in both stages", () => {
    const images = valuesOf("FROM", instructions).map((value) => /node:\S+/.exec(value)?.[0]);
    assert.equal(images.length, 2);
    assert.equal(images[0], images[1]);
    assert.match(images[0] ?? "", /^node:24\.\d+\.\d+-bookworm-slim(@sha256:[0-9a-f]{64})?$/);
  });

  it("ends as a user that is not root, by number, with exec-form commands and a health check", () => {
    assert.deepEqual(valuesOf("USER"), ["1000:1000"]);
    assert.deepEqual(command, ["node", "/app/server.mjs"]);
    assert.deepEqual(healthCheck.slice(0, 2), ["node", "-e"]);
    const order = lastStage.map(({ name }) => name);
    assert.ok(order.indexOf("USER") > order.lastIndexOf("COPY"), "files are copied as root, who owns them");
  });

  it("copies the RDS authorities from AWS's own address to where PGSSLROOTCERT points", () => {
    const url = "https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem";
    assert.deepEqual(valuesOf("ADD"), [`--chmod=0444 ${url} ${environment.PGSSLROOTCERT ?? ""}`]);
  });

  it("installs no package and copies only the bundle into the final image", () => {
    assert.deepEqual(valuesOf("RUN"), []);
    assert.deepEqual(valuesOf("COPY"), ["--from=build /src/dist/todo-app /app"]);
  });

  it("copies existing sources that its ignore file includes", () => {
    const ignoreFile = readFileSync(join(root, "todo-app/Dockerfile.dockerignore"), "utf8").split("\n");
    assert.ok(sources.includes("todo-app"));
    for (const source of sources) {
      assert.ok(existsSync(join(root, source)), source);
      assert.ok(ignoreFile.includes(`!${source}`), `${source} is ignored`);
    }
  });

  it("copies everything that its build needs: it builds the same bundles from that alone", () => {
    for (const source of sources) cpSync(join(root, source), join(checkout.path, source), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(checkout.path, "node_modules"), "dir");
    const [, build = ""] = valuesOf("RUN", instructions);
    const { status, stderr } = spawnSync(build, { shell: true, cwd: checkout.path, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    for (const name of ["todo-app", "todo-page"] as const) {
      const { outputFile } = bundles[name];
      assert.ok(readFileSync(join(checkout.path, outputFile)).equals(readFileSync(join(root, outputFile))), name);
    }
  });

  describe("its command line and environment, run without Docker", () => {
    before(() => {
      cpSync(join(root, "dist/todo-app"), join(image.path, "app"), { recursive: true });
      setMode(image.path, 0o555);
    });
    after(() => {
      setMode(image.path, 0o755);
    });

    it("serve the page from a folder that cannot be written to, pass the health check and end at SIGTERM", async () => {
      const port = String(await findFreePort());
      const env = {
        ...environment,
        ...{ PATH: process.env.PATH ?? "", HOST: "127.0.0.1", PORT: port, AWS_REGION: "us-east-1" },
        PGSSLROOTCERT: checkout.write("ca.pem", (await createServerCertificate()).ca),
        DATABASE_SECRET: "{}",
      };
      const [program = "", ...args] = command.map((part) => part.replace("/app", join(image.path, "app")));
      const child = spawn(program, args, { cwd: image.path, env, stdio: ["ignore", "pipe", "inherit"] });
      try {
        for await (const line of createInterface({ input: child.stdout })) if (line.includes("listening")) break;
        const page = await fetch(`http://127.0.0.1:${port}/`);
        assert.equal(page.status, 200);
        const [checker = "", ...checkArgs] = healthCheck;
        assert.equal(spawnSync(checker, checkArgs, { env }).status, 0);
        assert.equal(spawnSync(checker, checkArgs, { env: { ...env, PORT: "1" } }).status, 1);
      } finally {
        child.kill("SIGTERM");
      }
      assert.deepEqual(await once(child, "exit"), [0, null]);
    });
  });
});

function setMode(folder: string, mode: number): void {
  chmodSync(folder, mode | 0o200); // to traverse it
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) setMode(path, mode);
    else chmodSync(path, mode & 0o644);
  }
  chmodSync(folder, mode);
}
