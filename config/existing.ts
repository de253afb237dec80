import type { ConfigReader, Fields } from "./reader";

const networkKey = "existingNetwork";
const databaseKey = "existingDatabase";
const fewestSubnets = 2; // a load balancer needs this many

/** The ids of an existing network and cluster; undefined for what the stack creates itself. */
export function readExisting(reader: ConfigReader) {
  const existingNetwork = readNetwork(reader);
  const existingDatabase = readDatabase(reader);
  if (existingDatabase && !existingNetwork) {
    reader.refuseAt(databaseKey, "a cluster without its network", `a cluster together with ${networkKey}, its VPC`);
  }
  return { existingNetwork, existingDatabase };
}

function readNetwork(reader: ConfigReader) {
  const fields = readFields(reader, networkKey, ["vpcId", "publicSubnetIds", "privateSubnetIds"]);
  if (fields === undefined) return undefined;
  return {
    vpcId: readId(reader, networkKey, fields, "vpcId", "vpc"),
    publicSubnetIds: readSubnetIds(reader, fields, "publicSubnetIds"),
    privateSubnetIds: readSubnetIds(reader, fields, "privateSubnetIds"),
  };
}

function readDatabase(reader: ConfigReader) {
  const fields = readFields(reader, databaseKey, ["clusterIdentifier", "clientSecurityGroupId"]);
  if (fields === undefined) return undefined;
  const { clusterIdentifier, clientSecurityGroupId } = fields;
  // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
  if (typeof clusterIdentifier !== "string" || !/^[a-z](-?[a-z0-9]){0,62}$/.test(clusterIdentifier)) {
    reader.refuseField(databaseKey, fields, "clusterIdentifier", "a cluster's identifier, a-z, 0-9 and single hyphens");
  }
  return {
    clusterIdentifier: String(clusterIdentifier),
    clientSecurityGroupId:
      clientSecurityGroupId === undefined
        ? undefined
        : readId(reader, databaseKey, fields, "clientSecurityGroupId", "sg"),
  };
}

/** The object's fields, known ones only; undefined for {}, "not given". */
function readFields(reader: ConfigReader, key: string, known: readonly string[]): Fields | undefined {
  const fields = reader.object(key, `an object with ${known.join(", ")}`);
  reader.refuseUnknownFields(key, fields, known);
  return Object.keys(fields).length === 0 ? undefined : fields;
}

function readId(reader: ConfigReader, key: string, fields: Fields, field: string, prefix: string): string {
  const id = fields[field];
  if (isId(id, prefix)) return id;
  reader.refuseField(key, fields, field, `an id such as ${prefix}-0123456789abcdef0`);
  return "";
}

function readSubnetIds(reader: ConfigReader, fields: Fields, field: string): string[] {
  const ids: unknown = fields[field];
  if (Array.isArray(ids) && ids.length >= fewestSubnets && new Set(ids).size === ids.length) {
    const subnetIds = ids.filter((id) => isId(id, "subnet"));
    if (subnetIds.length === ids.length) return subnetIds;
  }
  const accepted = `a list of ${fewestSubnets} or more different ids such as subnet-0123456789abcdef0`;
  reader.refuseField(networkKey, fields, field, accepted);
  return [];
}

function isId(value: unknown, prefix: string): value is string {
  return typeof value === "string" && new RegExp(`^${prefix}-[0-9a-f]{8,17}$`).test(value);
}
