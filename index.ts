import { loadStackConfig } from "./config";
const config = loadStackConfig(); // before the imports that take seconds: a refused key is answered without them
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { Alarms } from "./components/alarms";
import { CredentialRotation } from "./components/credential-rotation";
import { DatabaseBootstrap } from "./components/database-bootstrap";
import { DatabaseSecret } from "./components/database-secret";
import { Database, databasePort } from "./components/database";
import { EncryptionKey } from "./components/encryption-key";
import { Endpoints } from "./components/endpoints";
import { Network } from "./components/network";
import { RedeployOnRotation } from "./components/redeploy-on-rotation";
import { TodoService } from "./components/todo-service";

const { project, stack, rotationStrategy } = config;
const stackName = `${project}-${stack}`;
const databaseName = "tododb";
const settings = {
  ...config,
  accountId: getCallerIdentityOutput().accountId,
  stackName,
  secretName: `${project}/${stack}/database/todo`,
  logGroupPrefix: `/${project}/${stack}/`,
};

const { keyArn } = new EncryptionKey("key", { ...settings, alias: stackName });
const network = new Network("network", settings);
export const { vpcId, publicSubnetIds, privateSubnetIds } = network;
const inVpc = { ...settings, keyArn, vpcId, publicSubnetIds, privateSubnetIds, subnetIds: privateSubnetIds };

const database = new Database("database", { ...inVpc, databaseName, finalSnapshotIdentifier: `${stackName}-final` });
export const { clusterEndpoint, clusterIdentifier, masterUserSecretArn } = database;
const { secretArn } = new DatabaseSecret("database-secret", { ...settings, keyArn });
const endpoints = new Endpoints("endpoints", {
  ...inVpc,
  subnetIds: privateSubnetIds.apply((ids) => ids.slice(0, config.endpointAvailabilityZoneCount)),
  routeTableIds: network.routeTableIds,
  secretArns: [secretArn, masterUserSecretArn],
  includeTaskStart: config.egress === "none",
});
const client = {
  ...inVpc,
  secretArn,
  ownerRole: "todo_owner",
  destinations: {
    database: { securityGroupId: database.securityGroupId, port: databasePort },
    endpoints: { securityGroupId: endpoints.securityGroupId, port: 443 },
  },
};
const bootstrap = new DatabaseBootstrap("database-bootstrap", {
  ...client,
  superuserSecretArn: masterUserSecretArn,
  ...{ clusterEndpoint, clusterIdentifier, databaseName, port: databasePort, username: "todo" },
  invokedAfter: [database, endpoints],
});
const rotation = new CredentialRotation("credential-rotation", {
  ...client,
  superuserSecretArn: rotationStrategy === "alternating-users" ? masterUserSecretArn : undefined,
  rotateImmediately: config.rotateOnDeploy,
  invokedAfter: [bootstrap],
});
const service = new TodoService("todo-service", {
  ...client,
  imageLayersPrefixListId: endpoints.imageLayersPrefixListId,
  taskFamily: stackName,
  startedAfter: [bootstrap, endpoints],
});
const alarms = new Alarms("alarms", { ...client, database, rotation, service });
if (config.credentialDelivery === "environment") {
  new RedeployOnRotation("redeploy-on-rotation", { ...client, service, alarms });
}

export const databaseSecretArn = secretArn;
export const rotationFunctionName = rotation.functionName;
export const { topicArn: alarmTopicArn, ageGaugeFunctionName } = alarms;
export const { url: serviceUrl, loadBalancerDnsName, serviceName, clusterName: serviceClusterName } = service;
