import { type ExistingDatabaseArgs, findDatabase, type FoundDatabase } from "./database/existing";
import { Lookup } from "./lookup";
import { checkNetwork, type ExistingNetworkArgs } from "./network/existing";

/** What was found; undefined for what the stack creates itself. */
export interface Existing {
  readonly network: ExistingNetworkArgs | undefined;
  readonly database: FoundDatabase | undefined;
}

export interface ExistingArgs {
  readonly region: string;
  readonly existingNetwork: ExistingNetworkArgs | undefined;
  readonly existingDatabase: ExistingDatabaseArgs | undefined;
  readonly users: readonly { readonly username: string }[];
}

/** If both are asked for, both are found or refused. */
type Both<T> = { readonly [Key in keyof T]: NonNullable<T[Key]> };

/**
 * Looks up and checks what the stack uses but does not create, before anything is registered.
 *
 * @throws pulumi.RunError with everything that was refused
 */
export async function lookUpExisting(args: Both<ExistingArgs>): Promise<Both<Existing>>;
export async function lookUpExisting(args: ExistingArgs): Promise<Existing>;
export async function lookUpExisting(args: ExistingArgs): Promise<Existing> {
  const { region, existingNetwork, existingDatabase, users } = args;
  if (existingNetwork === undefined) return { network: undefined, database: undefined };
  const lookup = new Lookup();
  const clientBlocks = await checkNetwork(lookup, existingNetwork, region);
  const database =
    existingDatabase &&
    clientBlocks &&
    (await findDatabase(lookup, existingDatabase, {
      ...{ region, vpcId: existingNetwork.vpcId, clientBlocks },
      usernames: users.map(({ username }) => username),
    }));
  lookup.finish();
  return { network: existingNetwork, database };
}
