import { type ExistingDatabaseArgs, findDatabase, type FoundDatabase } from "./database/existing";
import { Lookup } from "./lookup";
import { checkNetwork, type ExistingNetworkArgs } from "./network/existing";

export interface ExistingArgs {
  readonly region: string;
  readonly existingNetwork: ExistingNetworkArgs | undefined;
  readonly existingDatabase: ExistingDatabaseArgs | undefined;
  readonly users: readonly { readonly username: string }[];
}

/**
 * Looks up and checks what the stack uses and does not make, before anything is registered.
 *
 * @returns the network and the cluster; undefined for what the stack makes itself
 * @throws pulumi.RunError with everything that was refused
 */
export async function lookUpExisting({ region, existingNetwork, existingDatabase, users }: ExistingArgs): Promise<{
  readonly network: ExistingNetworkArgs | undefined;
  readonly database: FoundDatabase | undefined;
}> {
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
