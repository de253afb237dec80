import assert from "node:assert/strict";
import { readExisting } from "../../config/existing";
import { itRefuses, readerOf } from "../support/configuration";

const network = {
  vpcId: "vpc-0123456789abcdef0",
  publicSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
  privateSubnetIds: ["subnet-0123456789abcdef2", "subnet-0123456789abcdef3"],
};
const database = { clusterIdentifier: "shop" };

function read(existingNetwork: unknown, existingDatabase: unknown = {}) {
  const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
  const values = { existingNetwork: text(existingNetwork), existingDatabase: text(existingDatabase) };
  return readerOf(values, readExisting)();
}

describe("existingNetwork and existingDatabase", () => {
  it("are not set by default", () => {
    const nothing = { existingNetwork: undefined, existingDatabase: undefined };
    assert.deepEqual(read({}), { values: nothing, findings: [] });
  });

  it("name existing resources", () => {
    const withGroup = { ...database, clientSecurityGroupId: "sg-0123456789abcdef0" };
    const expected = { existingNetwork: network, existingDatabase: withGroup };
    assert.deepEqual(read(network, withGroup), { values: expected, findings: [] });
  });

  it("may be only a network, and a cluster without a client group", () => {
    const expected = { existingNetwork: network, existingDatabase: undefined };
    assert.deepEqual(read(network), { values: expected, findings: [] });
    assert.deepEqual(read(network, database).findings, []);
  });

  const refused: [[network: unknown, database?: unknown], finding: RegExp][] = [
    [[{}, database], /existingDatabase: received a cluster without its network, accepted is .*existingNetwork/],
    [
      ["vpc-0123456789abcdef0"],
      /existingNetwork: received a value that is not an object, accepted is an object with vpcId/,
    ],
    [[[]], /existingNetwork: received a value that is not an object/],
    [[{ ...network, vpcId: undefined }], /existingNetwork\.vpcId: received nothing, accepted is an id such as vpc-/],
    [[{ ...network, vpcId: "vpc-XYZ" }], /existingNetwork\.vpcId: received "vpc-XYZ"/],
    [[{ ...network, subnetIds: [] }], /existingNetwork\.subnetIds: .*accepted is one of the keys vpcId/],
    [[{ ...network, publicSubnetIds: ["subnet-0123456789abcdef0"] }], /publicSubnetIds: .*2 or more different/],
    [[{ ...network, privateSubnetIds: [1, 2] }], /privateSubnetIds: received \[1,2\]/],
    [[{ ...network, privateSubnetIds: Array(2).fill("subnet-0123456789abcdef0") }], /privateSubnetIds: .*different/],
    [[network, { clusterIdentifier: "Shop--1" }], /clusterIdentifier: received "Shop--1"/],
    [[network, { clientSecurityGroupId: "sg-0123456789abcdef0" }], /clusterIdentifier: received nothing/],
    [[network, { ...database, clientSecurityGroupId: "clients" }], /clientSecurityGroupId: .*sg-0123456789abcdef0/],
  ];
  itRefuses(refused, ([existingNetwork, existingDatabase]) => read(existingNetwork, existingDatabase).findings);
});
