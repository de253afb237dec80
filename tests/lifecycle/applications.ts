/*
 * The Serverless Application Repository, which moto lacks. An application becomes a stack in moto's CloudFormation, as
 * it does in AWS. The template is made up here, with the parameters and the permission of AWS's rotation applications,
 * and a function that does nothing. https://docs.aws.amazon.com/serverlessrepo/latest/devguide/ (API reference:
 * changesets)
 */

import { query, readElement } from "./moto";

interface ProviderRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string;
}

interface ChangeSetRequest {
  readonly stackName: string;
  readonly semanticVersion: string;
  readonly capabilities?: readonly string[];
  readonly parameterOverrides?: readonly { readonly name: string; readonly value: string }[];
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
}

const optionalParameters = ["excludeCharacters", "kmsKeyArn", "masterSecretArn", "masterSecretKmsKeyArn"];
const parameters = ["endpoint", "functionName", "vpcSubnetIds", "vpcSecurityGroupIds", ...optionalParameters];

const template = (semanticVersion: string) => ({
  AWSTemplateFormatVersion: "2010-09-09",
  Parameters: Object.fromEntries(
    parameters.map((name) => [name, { Type: "String", ...(optionalParameters.includes(name) && { Default: "" }) }]),
  ),
  Resources: {
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
        },
      },
    },
    RotationLambda: {
      Type: "AWS::Lambda::Function",
      Properties: {
        FunctionName: { Ref: "functionName" },
        Description: semanticVersion, // a change set without changes is refused
        Handler: "lambda_function.lambda_handler",
        Runtime: "python3.10",
        Role: { "Fn::GetAtt": ["Role", "Arn"] },
        Code: { ZipFile: "def lambda_handler(event, context): pass" },
      },
    },
    LambdaPermission: {
      Type: "AWS::Lambda::Permission",
      Properties: {
        FunctionName: { Ref: "RotationLambda" },
        Action: "lambda:InvokeFunction",
        Principal: "secretsmanager.amazonaws.com",
      },
    },
  },
});

/** moto returns no outputs for a stack from a change set. This is the one that the applications have. */
export function addOutputs(describedStacks: string): string {
  return describedStacks.replaceAll(/<StackName>serverlessrepo-.*?<\/Parameters>/gs, (stack) => {
    const [, name = ""] = /functionName<\/ParameterKey><ParameterValue>([^<]+)/.exec(stack) ?? [];
    const arn = `arn:aws:lambda:us-east-1:123456789012:function:${name}`;
    const output = `<OutputKey>RotationLambdaARN</OutputKey><OutputValue>${arn}</OutputValue>`;
    return `${stack}<Outputs><member>${output}</member></Outputs>`;
  });
}

/** @returns undefined for anything but a call of the repository */
export async function answerApplications(
  endpointUrl: string,
  { method, url, body }: ProviderRequest,
): Promise<unknown> {
  const { pathname, searchParams } = new URL(url, endpointUrl);
  const [, encodedId, changeSets] = /^\/applications\/([^/]+)(\/changesets)?$/.exec(pathname) ?? [];
  if (encodedId === undefined) return undefined;
  const applicationId = decodeURIComponent(encodedId);
  if (changeSets !== undefined && method === "POST") {
    return createChangeSet(endpointUrl, applicationId, JSON.parse(body) as ChangeSetRequest);
  }
  const parameterDefinitions = parameters.map((name) => ({
    ...{ name, type: "String", referencedByResources: [] },
    ...(optionalParameters.includes(name) && { defaultValue: "" }),
  }));
  const version = { applicationId, semanticVersion: searchParams.get("semanticVersion"), parameterDefinitions };
  return { applicationId, name: applicationId.split("/").at(-1), version };
}

async function createChangeSet(endpointUrl: string, applicationId: string, request: ChangeSetRequest) {
  const { semanticVersion, capabilities = [], parameterOverrides = [], tags = [] } = request;
  const StackName = `serverlessrepo-${request.stackName}`;
  const { isOk: exists } = await query(endpointUrl, "cloudformation", "DescribeStacks", { StackName });
  const allTags = [
    ...tags,
    { key: "serverlessrepo:applicationId", value: applicationId },
    { key: "serverlessrepo:semanticVersion", value: semanticVersion },
  ];
  const { isOk, xml } = await query(endpointUrl, "cloudformation", "CreateChangeSet", {
    StackName,
    ChangeSetName: `a${Date.now()}`,
    ChangeSetType: exists ? "UPDATE" : "CREATE",
    TemplateBody: JSON.stringify(template(semanticVersion)),
    ...members("Capabilities", capabilities),
    ...members("Parameters", parameterOverrides, ({ name, value }) => ({ ParameterKey: name, ParameterValue: value })),
    ...members("Tags", allTags, ({ key, value }) => ({ Key: key, Value: value })),
  });
  if (!isOk) throw new Error(`moto refused the stack of ${applicationId}: ${xml}`);
  return { applicationId, semanticVersion, changeSetId: readElement(xml, "Id"), stackId: readElement(xml, "StackId") };
}

/** A list in the format of CloudFormation's query API. */
function members<T>(
  name: string,
  items: readonly T[],
  fields?: (item: T) => Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = items.flatMap((item, index) => {
    const member = `${name}.member.${index + 1}`;
    if (fields === undefined) return [[member, String(item)] as const];
    return Object.entries(fields(item)).map(([field, value]) => [`${member}.${field}`, value] as const);
  });
  return Object.fromEntries(entries);
}
