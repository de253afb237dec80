import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checks, Stack } from "./support/controls";
import { root, runStack } from "./support/whole-program";

const environments = ["dev", "prod"] as const;

/** The rows of docs/controls.md. */
const rows = readFileSync(join(root, "docs/controls.md"), "utf8")
  .split("\n")
  .map((line) => line.split("|").map((cell) => cell.trim()))
  .flatMap(([, id = "", , dev = "", prod = ""]) => (/^\w+\.\d+$/.test(id) ? [{ id, dev, prod }] : []));

describe("the controls of docs/controls.md", () => {
  it("are listed once each, and each one that can be checked is checked", () => {
    const ids = rows.map(({ id }) => id);
    assert(ids.length > 80, `${ids.length} rows`);
    assert.equal(new Set(ids).size, ids.length);
    const withoutRow = Object.keys(checks).filter((id) => !ids.includes(id));
    assert.deepEqual(withoutRow, []);
  });

  it("cover every service of the stack", () => {
    const services = new Set(rows.map(({ id }) => id.split(".")[0]));
    const expected = "CloudTrail CloudWatch EC2 ECR ECS ELB KMS Lambda RDS S3 SNS SQS SecretsManager StepFunctions";
    assert.deepEqual([...services].sort().join(" "), expected);
  });

  for (const environment of environments) {
    for (const { id, [environment]: standing } of rows) {
      it(`${id} in ${environment}: ${standing}`, async () => {
        const { resources } = await runStack(environment);
        const check = checks[id];
        const holds = check?.(new Stack(environment, resources));
        if (standing === "pass") assert.equal(holds, true, "does not hold");
        else if (standing === "none") assert.equal(holds, undefined, "there is such a resource now");
        else {
          assert.match(standing, /^(exception|at run time): \S.{10,}$/, "an exception has its reason");
          assert.notEqual(holds, true, "holds by now: no exception is needed");
        }
      });
    }
  }
});
