import assert from "node:assert/strict";
import { load } from "js-yaml";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./support/whole-program";

interface Job {
  readonly environment?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly services?: Readonly<
    Record<string, { readonly image: string; readonly env?: Readonly<Record<string, string>> }>
  >;
  readonly steps: readonly { readonly uses?: string; readonly run?: string }[];
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const folder = join(root, ".github/workflows");

for (const file of readdirSync(folder)) {
  const text = readFileSync(join(folder, file), "utf8");
  const workflow = load(text) as Workflow;

  describe(`workflow ${file}`, () => {
    it("pins every action by its commit, and names the version", () => {
      const uses = text.split("\n").filter((line) => line.includes("uses:"));
      assert(uses.length > 0);
      for (const line of uses) assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it("starts with only read permission, and keeps other people's code away from credentials", () => {
      assert.deepEqual(workflow.permissions, { contents: "read" });
      assert(!("pull_request_target" in workflow.on));
    });

    it("deploys only from a GitHub environment, which can require approval", () => {
      for (const { steps, environment } of Object.values(workflow.jobs)) {
        const deploys = steps.some(({ run }) => /npm run (--silent )?up\b/.test(run ?? ""));
        assert.equal(deploys, environment !== undefined);
      }
    });
  });
}

describe("the lifecycle without an account", () => {
  const { jobs, on } = load(readFileSync(join(folder, "lifecycle.yml"), "utf8")) as Workflow;

  it("runs npm run lifecycle for a pull request, against a moto container of a fixed version", () => {
    assert("pull_request" in on);
    const { steps, services } = jobs.lifecycle ?? { steps: [] };
    assert(steps.some(({ run }) => run === "npm run lifecycle -- dev"));
    assert.match(services?.moto?.image ?? "", /^motoserver\/moto:\d+\.\d+\.\d+$/);
    assert.equal(services?.moto?.env?.MOTO_IAM_LOAD_MANAGED_POLICIES, "true");
  });

  it("has no AWS role", () => {
    assert(!Object.values(jobs).some(({ permissions = {} }) => "id-token" in permissions));
  });
});
