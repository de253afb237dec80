import type { ConfigReader } from "./reader";

/** Load balancers need /27 or larger: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html */
const longestSubnetPrefix = 27;
/** A VPC may be as large as this: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
const shortestVpcPrefix = 16;

/** Always room for four zones, so that adding one leaves the subnets where they are; two subnets in each. */
const zoneBits = 2;
const subnetTypeBits = 1;
/** The smallest VPC, as a prefix length, that is divided into a public and a private subnet in each zone. */
export const longestVpcPrefix = longestSubnetPrefix - zoneBits - subnetTypeBits;

export function readNetwork(reader: ConfigReader) {
  const availabilityZoneCount = reader.integer("availabilityZoneCount", 2, 3);
  // A refused count must not hide or invent a finding on the endpoints.
  const mostZones = Number.isNaN(availabilityZoneCount) ? 3 : availabilityZoneCount;
  const vpcCidrBlock = reader.text("vpcCidrBlock");
  if (!isVpcCidrBlock(vpcCidrBlock)) {
    reader.refuse(
      "vpcCidrBlock",
      `an IPv4 block, /16 to /${longestVpcPrefix}, that starts at its first address: ` +
        "a public and a private subnet, /27 or larger, in each of up to four Availability Zones",
    );
  }
  return {
    availabilityZoneCount,
    vpcCidrBlock,
    endpointAvailabilityZoneCount: reader.integer("endpointAvailabilityZoneCount", 1, mostZones),
  };
}

/** Whether `block` is IPv4 CIDR notation of the block's first address, and large enough for the subnets. */
export function isVpcCidrBlock(block: string): boolean {
  const [, address, prefixDigits] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(block) ?? [];
  const octets = (address ?? "").split(".").map(Number);
  const prefix = Number(prefixDigits);
  if (octets.length !== 4 || octets.some((octet) => octet > 255)) return false;
  if (!(prefix >= shortestVpcPrefix && prefix <= longestVpcPrefix)) return false;
  const bits = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return bits % 2 ** (32 - prefix) === 0;
}
