import { loadStackConfig } from "./config";
const config = loadStackConfig(); // before the imports that take seconds: a refused key is answered without them
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { Alarms } from "./components/observability";
import { CredentialRotation } from "./components/rotation";
import { DatabaseBootstrap } from "./components/database/bootstrap";
import { databaseSecrets } from "./components/database/secret";
import { Database, databasePort } from "./components/database";
import { DeletionGuard } from "./components/database/deletion-guard";
import { EncryptionKey } from "./components/database/encryption-key";
import { Endpoints } from "./components/network/endpoints";
import { Network } from "./components/network";
import { RedeployOnRotation } from "./components/service/redeploy-on-rotation";
import { TodoService } from "./components/service";

const { project, stack, users, deletionProtection: protect } = config;
const settings = {
  ...config,
  accountId: getCallerIdentityOutput().accountId,
  stackName: `${project}-${stack}`,
  logGroupPrefix: `/${project}/${stack}/`,
};

const key = new EncryptionKey("key", { ...settings, alias: settings.stackName });
const { keyArn } = key;
const network = new Network("network", settings);
export const { vpcId, publicSubnetIds, privateSubnetIds } = network;
const inVpc = { ...settings, keyArn, vpcId, publicSubnetIds, privateSubnetIds, subnetIds: privateSubnetIds };

const database = new Database("database", inVpc);
export const { clusterEndpoint, clusterIdentifier, masterUserSecretArn } = database;
const [own, ...others] = databaseSecrets("database-secret", { ...settings, keyArn });
const credentials = [own.credential, ...others.map(({ credential }) => credential)] as const;
const secretArns = credentials.map(({ secretArn }) => secretArn);
export const { secretArn: databaseSecretArn } = own.secret;
export const databaseSecretArns = Object.fromEntries(users.map(({ username }, i) => [username, secretArns[i]]));
const endpoints = new Endpoints("endpoints", {
  ...inVpc,
  subnetIds: privateSubnetIds.apply((ids) => ids.slice(0, config.endpointAvailabilityZoneCount)),
  routeTableIds: network.routeTableIds,
  secretArns: [...secretArns, masterUserSecretArn],
  clusterArn: database.clusterArn,
  includeTaskStart: config.egress === "none",
});
const client = {
  ...inVpc,
  secretArn: databaseSecretArn,
  credentials,
  destinations: {
    database: { securityGroupId: database.securityGroupId, port: databasePort },
    endpoints: { securityGroupId: endpoints.securityGroupId, port: 443 },
  },
};
const bootstrap = new DatabaseBootstrap("database-bootstrap", {
  ...client,
  superuserSecretArn: masterUserSecretArn,
  ...{ clusterEndpoint, clusterIdentifier, port: databasePort },
  invokedAfter: [database, endpoints],
});
const rotation = new CredentialRotation("credential-rotation", {
  ...client,
  clusterArn: database.clusterArn,
  superuserSecretArn: users.some(({ strategy }) => strategy === "alternating-users") ? masterUserSecretArn : undefined,
  rotateImmediately: config.rotateOnDeploy,
  invokedAfter: [bootstrap],
});
const service = new TodoService("todo-service", {
  ...client,
  imageLayersPrefixListId: endpoints.imageLayersPrefixListId,
  taskFamily: settings.stackName,
  startedAfter: [bootstrap, endpoints],
});
const alarms = new Alarms("alarms", { ...client, database, rotation, service });
const isInjected = config.credentialDelivery === "environment";
const redeploy = isInjected ? [new RedeployOnRotation("redeploy-on-rotation", { ...client, service, alarms })] : [];
const secrets = [own, ...others].map(({ secret }) => secret);
const components = [key, network, database, ...secrets, endpoints, bootstrap, rotation, service, alarms, ...redeploy];
new DeletionGuard("deletion-guard", { components, children: [network.children, service.children] }, { protect });

export const rotationFunctionName = rotation.functionName;
export const { topicArn: alarmTopicArn, ageGaugeFunctionName, deadLetterQueueUrl } = alarms;
export const { url: serviceUrl, loadBalancerDnsName, targetGroupArn } = service;
export const { serviceName, clusterName: serviceClusterName } = service;
