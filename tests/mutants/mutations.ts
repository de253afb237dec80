import { databaseMutations } from "./database";
import type { Mutation } from "./mutation";
import { poolMutations } from "./pool";
import { stepsMutations } from "./steps";
import { strategiesMutations } from "./strategies";

export const mutations: readonly Mutation[] = [
  ...stepsMutations,
  ...strategiesMutations,
  ...databaseMutations,
  ...poolMutations,
];
