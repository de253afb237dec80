import type { Resource } from "../../engine/graph";
import type { Block, TerraformResource } from "./terraform";

export type Schemas = Readonly<Record<string, { readonly block: Block }>>;
type Properties = Readonly<Record<string, unknown>>;

/** Types whose Terraform name cannot be derived from module and name. */
const typeNames: Readonly<Record<string, string>> = {
  "aws:cloudtrail/trail:Trail": "aws_cloudtrail",
  "aws:cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "aws_default_security_group",
  "aws:ec2/flowLog:FlowLog": "aws_flow_log",
  "aws:ec2/securityGroup:SecurityGroup": "aws_security_group",
  "aws:ec2/vpcEndpoint:VpcEndpoint": "aws_vpc_endpoint",
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": "aws_rds_cluster_parameter_group",
  "aws:rds/subnetGroup:SubnetGroup": "aws_db_subnet_group",
  "aws:serverlessrepository/cloudFormationStack:CloudFormationStack":
    "aws_serverlessapplicationrepository_cloudformation_stack",
};

/** Arguments that Pulumi names differently. */
const renamed: Readonly<Record<string, string>> = {
  "aws_cloudwatch_metric_alarm.name": "alarm_name",
  "aws_lambda_function.code": "filename",
  "aws_lambda_permission.function": "function_name",
  "aws_sns_topic_subscription.topic": "topic_arn",
};

/**
 * Turns the program's graph into Terraform resources, and awsx components into those that they create from their
 * inputs. The components' children in the graph are left out: they are stand-ins without inputs.
 */
export function toTerraform(resources: readonly Resource[], schemas: Schemas): TerraformResource[] {
  const own = resources.filter(({ urn }) => !/\$awsx:[^$]+\$/.test(urn));
  const mapped = own.flatMap(({ type, name, inputs }) =>
    expand(type, inputs).map(([terraformType, properties]) => ({
      type: terraformType,
      name,
      arguments: {
        ...autoNames(schemas[terraformType]?.block, name),
        ...mapArguments(terraformType, properties, schemas),
      },
    })),
  );
  // Terraform's names are unique per type, Pulumi's per parent as well.
  return mapped.map((one, i) => ({ ...one, name: `${one.name}-${i}` }));
}

/** If the program gives no physical name, Pulumi makes one from the logical name; Terraform requires it. */
function autoNames(block: Block | undefined, name: string): Properties {
  const names = ["name", "function_name"].filter((key) => block?.attributes?.[key]?.required);
  return Object.fromEntries(names.map((key) => [key, name]));
}

type Expanded = [type: string, properties: Properties][];

function expand(type: string, inputs: Properties): Expanded {
  switch (type) {
    case "awsx:ec2:Vpc":
      return [["aws_vpc", { cidrBlock: inputs.cidrBlock, enableDnsHostnames: inputs.enableDnsHostnames }]];
    case "awsx:ecr:Repository":
      return [["aws_ecr_repository", omit(inputs, "lifecyclePolicy")]];
    case "awsx:lb:ApplicationLoadBalancer":
      return expandLoadBalancer(inputs);
    case "awsx:ecs:FargateService":
      return expandService(inputs);
  }
  const [, module, resource] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
  if (module === undefined || resource === undefined) return []; // our own components, the stack, the image
  const isRule = module === "vpc";
  return [[typeNames[type] ?? `aws_${isRule ? "vpc" : module}_${toSnakeCase(resource)}`, inputs]];
}

const targetGroupArn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/0123456789abcdef";
const loadBalancerArn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/a/0123456789abcdef";

function expandLoadBalancer({ listeners, defaultTargetGroup, subnetIds, ...inputs }: Properties): Expanded {
  const forward = { defaultActions: [{ type: "forward", targetGroupArn }], loadBalancerArn };
  return [
    ["aws_lb", { ...inputs, subnets: subnetIds }],
    ["aws_lb_target_group", { vpcId: "vpc-1", ...(defaultTargetGroup as Properties) }],
    ...(listeners as Properties[]).map((listener): Expanded[number] => [
      "aws_lb_listener",
      { ...forward, ...listener },
    ]),
  ];
}

function expandService({ taskDefinitionArgs, ...inputs }: Properties): Expanded {
  const { container, executionRole, taskRole, ...task } = taskDefinitionArgs as Record<string, Properties>;
  const definition = {
    ...omit(task, "logGroup"),
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    executionRoleArn: executionRole?.roleArn,
    taskRoleArn: taskRole?.roleArn,
    containerDefinitions: JSON.stringify([container]),
  };
  return [
    ["aws_ecs_service", { launchType: "FARGATE", ...inputs }],
    ["aws_ecs_task_definition", definition],
  ];
}

function omit(properties: Properties, key: string): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => name !== key));
}

function mapArguments(type: string, properties: Properties, schemas: Schemas): Properties {
  const entries = Object.entries(properties).map(([key, value]): [string, unknown] => {
    const name = renamed[`${type}.${key}`];
    return name === undefined ? [key, value] : [name, name === "filename" ? "index.zip" : value];
  });
  return mapBlock(schemas[type]?.block ?? {}, Object.fromEntries(entries));
}

/** Renames and nests the properties to fit the schema; properties that it lacks stay, for Terraform to refuse. */
function mapBlock({ attributes = {}, block_types = {} }: Block, properties: Properties): Properties {
  const entries = Object.entries(properties).map(([key, value]) => {
    const snake = toSnakeCase(key);
    if (snake in attributes) return [snake, value];
    const blockName = [snake, snake.replace(/ies$/, "y"), snake.replace(/s$/, "")].find((name) => name in block_types);
    const block = blockName === undefined ? undefined : block_types[blockName]?.block;
    if (blockName === undefined || block === undefined) return [snake, value];
    const items = (Array.isArray(value) ? value : [value]) as Properties[];
    return [blockName, items.map((item) => mapBlock(block, item))];
  });
  return Object.fromEntries(entries) as Properties;
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
