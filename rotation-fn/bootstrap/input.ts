import { InvalidEventError } from "../errors";

/** Where the credentials connect to. Nothing in it is secret: it comes from the Pulumi program. */
export interface BootstrapInput {
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly dbClusterIdentifier: string;
}

/** @throws InvalidEventError */
export function parseBootstrapInput(event: unknown): BootstrapInput {
  const fields = (typeof event === "object" && event !== null ? event : {}) as Record<string, unknown>;
  const readName = (field: string): string => {
    const value = fields[field];
    if (typeof value === "string" && value !== "") return value;
    throw new InvalidEventError(field, value === undefined ? "nothing" : `a ${typeof value}`, "a string");
  };
  const { port } = fields;
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw new InvalidEventError("port", typeof port, "a whole number from 1 to 65535");
  }
  return {
    host: readName("host"),
    port,
    dbname: readName("dbname"),
    dbClusterIdentifier: readName("dbClusterIdentifier"),
  };
}
