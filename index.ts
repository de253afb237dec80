import { loadStackConfig } from "./config";
const config = loadStackConfig(); // before the imports that take seconds: refused keys are reported without them
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { Alarms } from "./components/observability";
import { CredentialRotation } from "./components/rotation";
import { DatabaseBootstrap } from "./components/database/bootstrap";
import { databaseSecrets } from "./components/database/secret";
import { Database } from "./components/database";
import { DeletionGuard } from "./components/database/deletion-guard";
import { EncryptionKey } from "./components/database/encryption-key";
import { ExistingDatabase } from "./components/database/existing";
import { lookUpExisting } from "./components/existing";
import { anywhere, Endpoints } from "./components/network/endpoints";
import { ExistingNetwork } from "./components/network/existing";
import { Network } from "./components/network";
import { RedeployOnRotation } from "./components/service/redeploy-on-rotation";
import { TodoService } from "./components/service";

/** The stack. Returns its outputs. */
export = async () => {
  const existing = await lookUpExisting(config);
  const { project, stack, users, deletionProtection: protect } = config;
  const settings = {
    ...config,
    accountId: getCallerIdentityOutput().accountId,
    stackName: `${project}-${stack}`,
    logGroupPrefix: `/${project}/${stack}/`,
  };

  const key = new EncryptionKey("key", { ...settings, alias: settings.stackName });
  const { keyArn } = key;
  const network = existing.network
    ? new ExistingNetwork("network", existing.network, { protect })
    : new Network("network", settings);
  const { vpcId, publicSubnetIds, privateSubnetIds } = network;
  const inVpc = { ...settings, keyArn, vpcId, publicSubnetIds, privateSubnetIds, subnetIds: privateSubnetIds };

  const database = existing.database
    ? new ExistingDatabase("database", existing.database, { protect })
    : new Database("database", inVpc);
  const { clusterArn, clusterEndpoint, clusterIdentifier, superuserSecret, port } = database;
  const [own, ...others] = databaseSecrets("database-secret", { ...settings, keyArn });
  const credentials = [own.credential, ...others.map(({ credential }) => credential)] as const;
  const secretArns = credentials.map(({ secretArn }) => secretArn);
  // Only in a network of the stack's own: an endpoint's policy applies to everything in the VPC.
  const endpoints =
    network instanceof Network
      ? new Endpoints("endpoints", {
          ...inVpc,
          subnetIds: privateSubnetIds.apply((ids) => ids.slice(0, config.endpointAvailabilityZoneCount)),
          routeTableIds: network.routeTableIds,
          secretArns: [...secretArns, superuserSecret.secretArn],
          clusterArn,
          includeTaskStart: config.egress === "none",
        })
      : undefined;
  const reachable = endpoints ? [database, endpoints] : [database];
  const client = {
    ...inVpc,
    secretArn: own.secret.secretArn,
    credentials,
    destinations: { database: database.destination, endpoints: endpoints?.destination ?? anywhere },
  };
  const bootstrap = new DatabaseBootstrap("database-bootstrap", {
    ...client,
    ...{ superuserSecret, clusterEndpoint, clusterIdentifier, port },
    invokedAfter: reachable,
  });
  const rotation = new CredentialRotation("credential-rotation", {
    ...client,
    clusterArn,
    superuserSecret: users.some(({ strategy }) => strategy === "alternating-users") ? superuserSecret : undefined,
    rotateImmediately: config.rotateOnDeploy,
    invokedAfter: [bootstrap],
  });
  const service = new TodoService("todo-service", {
    ...client,
    destinations: { ...client.destinations, ...(endpoints && { "image-source": endpoints.imageSource }) },
    taskFamily: settings.stackName,
    startedAfter: [bootstrap, ...reachable],
  });
  const alarms = new Alarms("alarms", { ...client, database, rotation, service });
  const isInjected = config.credentialDelivery === "environment";
  const redeploy = isInjected ? [new RedeployOnRotation("redeploy-on-rotation", { ...client, service, alarms })] : [];
  const secrets = [own, ...others].map(({ secret }) => secret);
  const components = [key, network, ...reachable, ...secrets, bootstrap, rotation, service, alarms, ...redeploy];
  const children = [...(network instanceof Network ? [network.children] : []), service.children];
  new DeletionGuard("deletion-guard", { components, children }, { protect });

  return {
    ...{ vpcId, publicSubnetIds, privateSubnetIds },
    ...{ clusterEndpoint, clusterIdentifier, masterUserSecretArn: superuserSecret.secretArn },
    databaseSecretArn: own.secret.secretArn,
    databaseSecretArns: Object.fromEntries(users.map(({ username }, i) => [username, secretArns[i]])),
    rotationFunctionName: rotation.functionName,
    ageGaugeFunctionName: alarms.ageGaugeFunctionName,
    alarmTopicArn: alarms.topicArn,
    deadLetterQueueUrl: alarms.deadLetterQueueUrl,
    serviceUrl: service.url,
    serviceName: service.serviceName,
    serviceClusterName: service.clusterName,
    loadBalancerDnsName: service.loadBalancerDnsName,
    targetGroupArn: service.targetGroupArn,
  };
};
