import assert from "node:assert/strict";
import { metrics } from "../../contract/metrics";
import type { Resource } from "../../engine/graph";
import { readDocument, tableRows } from "../support/markdown";
import { runStack } from "../support/whole-program";

const hoursPerMonth = 730;
const stepsPerRotation = 4;

interface Row {
  readonly item: string;
  readonly price: string;
  readonly dev: string;
  readonly prod: string;
}

function costRows(markdown: string): Row[] {
  const [, section = ""] = markdown.split("## What it costs");
  return tableRows(section)
    .filter((cells) => cells.length > 1)
    .slice(2) // the heading and the line under it
    .map(([, item = "", price = "", dev = "", prod = ""]) => ({ item, price, dev, prod }));
}

const product = (factors: readonly number[]) => factors.reduce((result, factor) => result * factor, 1).toFixed(2);
const readFactors = (cell: string) => (cell.split(" = ")[0] ?? "").split(" × ").map(Number);

/** Errors in the table's own arithmetic. */
function findMiscalculations(rows: readonly Row[]): string[] {
  const mistakes: string[] = [];
  const compare = (what: string, received: string, accepted: string) => {
    if (received !== accepted) mistakes.push(`${what}: received ${received}, accepted is ${accepted}`);
  };
  const monthly = ({ price }: Row) => price.split(" = ").at(-1) ?? "";
  for (const row of rows.filter(({ item }) => item !== "Total")) {
    const [, hourly] = /^([\d.]+) an hour = /.exec(row.price) ?? [];
    if (hourly !== undefined) compare(`${row.item}, price`, monthly(row), product([Number(hourly), hoursPerMonth]));
    for (const stack of ["dev", "prod"] as const) {
      const factors = readFactors(row[stack]);
      compare(`${row.item}, ${stack}`, row[stack].split(" = ")[1] ?? "nothing", product(factors));
      compare(`${row.item}, ${stack}, price`, factors.at(-1)?.toFixed(2) ?? "", monthly(row));
    }
  }
  for (const stack of ["dev", "prod"] as const) {
    const [total, ...parts] = [...rows].reverse().map((row) => Number(row[stack].split(" = ").at(-1)));
    const sum = parts.reduce((result, part) => result + part, 0);
    compare(`Total, ${stack}`, total?.toFixed(2) ?? "", sum.toFixed(2));
  }
  return mistakes;
}

interface FargateServiceInputs {
  readonly desiredCount: number;
  readonly taskDefinitionArgs: { readonly cpu: string; readonly memory: string };
}

/** Item → what its price is multiplied by, as the program registers it. */
function countedFactors(resources: readonly Resource[]): Record<string, readonly number[]> {
  const inputs = (type: string) => resources.filter((one) => one.type === type).map((one) => one.inputs);
  const endpoints = inputs("aws:ec2/vpcEndpoint:VpcEndpoint").filter((each) => each.vpcEndpointType === "Interface");
  const zones = new Set(endpoints.map(({ subnetIds }) => (subnetIds as string[]).length));
  const [service] = inputs("awsx:ecs:FargateService") as unknown as readonly FargateServiceInputs[];
  const [loadBalancer] = inputs("awsx:lb:ApplicationLoadBalancer") as { subnetIds?: string[] }[];
  const [database] = inputs("aws:rds/cluster:Cluster");
  const [cluster] = inputs("aws:ecs/cluster:Cluster") as { settings?: { value: string }[] }[];
  assert(service && loadBalancer && database && cluster);
  const { cpu, memory } = service.taskDefinitionArgs;
  const { minCapacity = NaN } = database.serverlessv2ScalingConfiguration as { minCapacity?: number };
  const ownMetrics = Object.values(metrics).map(({ dimensions }) =>
    (dimensions as readonly string[]).includes("Step") ? stepsPerRotation : 1,
  );
  const masterSecrets = database.manageMasterUserPassword === true ? 1 : 0;
  return {
    "Interface endpoints, in so many zones": [endpoints.length, ...zones],
    "Load balancer": [inputs("awsx:lb:ApplicationLoadBalancer").length],
    "Its public addresses": [loadBalancer.subnetIds?.length ?? 0],
    "Tasks on Fargate, arm64: their vCPU": [service.desiredCount, Number(cpu) / 1024],
    "… their memory in GB": [service.desiredCount, Number(memory) / 1024],
    "Database instances: their least ACU": [inputs("aws:rds/clusterInstance:ClusterInstance").length, minCapacity],
    Key: [inputs("aws:kms/key:Key").length],
    "Secrets: the application's and RDS's own": [inputs("aws:secretsmanager/secret:Secret").length + masterSecrets],
    Alarms: [inputs("aws:cloudwatch/metricAlarm:MetricAlarm").length],
    "Own metrics, if published every hour": [ownMetrics.reduce((sum, count) => sum + count, 0)],
    Dashboard: [inputs("aws:cloudwatch/dashboard:Dashboard").length],
    "Container Insights' metrics": [cluster.settings?.[0]?.value === "enabled" ? 3 * 10 + 5 + 3 : 0],
    "Trail, where it is the region's first": [inputs("aws:cloudtrail/trail:Trail").length],
  };
}

describe("docs/deploying.md, What it costs", () => {
  const document = readDocument("docs/deploying.md");
  const rows = costRows(document);

  it("multiplies and adds correctly", () => {
    assert(rows.length > 10);
    assert.deepEqual(findMiscalculations(rows), []);
  });

  for (const stack of ["dev", "prod"] as const) {
    it(`counts what the program of ${stack} registers`, async () => {
      const { resources } = await runStack(stack);
      const priced = rows.filter(({ item }) => item !== "Total");
      const written = Object.fromEntries(priced.map((row) => [row.item, readFactors(row[stack]).slice(0, -1)]));
      assert.deepEqual(written, countedFactors(resources));
    });
  }

  it("fails the check when a product, a price or a sum is wrong", () => {
    const row = { item: "Key", price: "0.01 an hour = 7.30", dev: "2 × 7.30 = 14.60", prod: "1 × 7.30 = 7.30" };
    const total = { item: "Total", price: "", dev: "14.60", prod: "7.30" };
    assert.deepEqual(findMiscalculations([row, total]), []);
    assert.deepEqual(findMiscalculations([{ ...row, dev: "2 × 7.30 = 14.50" }, total]), [
      "Key, dev: received 14.50, accepted is 14.60",
      "Total, dev: received 14.60, accepted is 14.50",
    ]);
    assert.deepEqual(findMiscalculations([{ ...row, price: "0.01 an hour = 7.20" }, total]), [
      "Key, price: received 7.20, accepted is 7.30",
      "Key, dev, price: received 7.30, accepted is 7.20",
      "Key, prod, price: received 7.30, accepted is 7.20",
    ]);
    assert.deepEqual(findMiscalculations([row, { ...total, prod: "7" }]), [
      "Total, prod: received 7.00, accepted is 7.30",
    ]);
  });
});
