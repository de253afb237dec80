import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import * as pulumi from "@pulumi/pulumi";
import { DatabaseBootstrap } from "../../components/database/bootstrap";
import { DeletionGuard } from "../../components/database/deletion-guard";
import { EncryptionKey } from "../../components/database/encryption-key";
import { ExistingDatabase } from "../../components/database/existing";
import { databaseSecrets } from "../../components/database/secret";
import { lookUpExisting } from "../../components/existing";
import { anywhere } from "../../components/network/endpoints";
import { Alarms } from "../../components/observability";
import { CredentialRotation } from "../../components/rotation";
import type { CredentialSettings } from "../../components/rotation/credential";

const config = new pulumi.Config();
const region = new pulumi.Config("aws").require("region");
const stackName = `${pulumi.getProject()}-${pulumi.getStack()}`;

const user: CredentialSettings = {
  ...{ username: "shop", access: "owner", strategy: "alternating-users", secretName: `${stackName}/database/shop` },
  ...{ rotationRules: { scheduleExpression: "rate(4 hours)" }, rotationOverdueAfterDays: 1 },
};
const settings = {
  ...{ region, stackName, accountId: getCallerIdentityOutput().accountId, ownerRole: "shop_owner" },
  ...{ rotationImplementation: "custom" as const, rotationApplicationVersion: "" },
  ...{ logGroupPrefix: `/${stackName}/`, logRetentionDays: 365 },
  ...{ deletionProtection: true, recoveryWindowInDays: 30 },
  ...{ alarmEmail: config.get("alarmEmail"), alarmActionArns: [], trailName: config.get("trailName") },
};

/** A user of another program's Aurora cluster, with its secret, rotation and alarms. */
export = async () => {
  const existing = await lookUpExisting({
    ...{ region, users: [user] },
    existingNetwork: config.requireObject("existingNetwork"),
    existingDatabase: config.requireObject("existingDatabase"),
  });
  const { deletionProtection: protect } = settings;
  const key = new EncryptionKey("key", { ...settings, alias: stackName, finalSnapshot: false });
  const { keyArn } = key;
  const database = new ExistingDatabase("database", existing.database, { protect });
  const { superuserSecret, clusterArn, clusterEndpoint, clusterIdentifier, port } = database;
  const [{ secret, credential }] = databaseSecrets("database-secret", { ...settings, keyArn, users: [user] });
  const client = {
    ...{ ...settings, keyArn, credentials: [credential] as const, superuserSecret, clusterArn },
    ...{ vpcId: existing.network.vpcId, subnetIds: existing.network.privateSubnetIds },
    destinations: { database: database.destination, endpoints: anywhere },
  };
  const endpoint = { clusterEndpoint, clusterIdentifier, port, databaseName: config.require("databaseName") };
  const bootstrap = new DatabaseBootstrap("database-bootstrap", { ...client, ...endpoint, invokedAfter: [database] });
  const onDeploy = { rotateImmediately: true, invokedAfter: [bootstrap] };
  const rotation = new CredentialRotation("credential-rotation", { ...client, ...onDeploy });
  const alarms = new Alarms("alarms", { ...client, database, rotation, service: undefined });
  const components = [key, secret, bootstrap, rotation, alarms];
  new DeletionGuard("deletion-guard", { components, children: [] }, { protect });
  return { secretArn: credential.secretArn };
};
