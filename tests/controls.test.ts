import assert from "node:assert/strict";
import { checks, Stack } from "./support/controls";
import { readDocument, tableRows } from "./support/markdown";
import { runStack } from "./support/whole-program";

const environments = ["dev", "prod"] as const;

/** The rows of docs/controls.md. */
const rows = tableRows(readDocument("docs/controls.md")).flatMap(([, id = "", , dev = "", prod = ""]) =>
  /^\w+\.\d+$/.test(id) ? [{ id, dev, prod }] : [],
);

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
    let stack: Stack;

    before(async () => {
      stack = new Stack(environment, (await runStack(environment)).resources);
    });

    for (const { id, [environment]: standing } of rows) {
      it(`${id} in ${environment}: ${standing}`, () => {
        const holds = checks[id]?.(stack);
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
