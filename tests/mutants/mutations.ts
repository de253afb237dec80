import type { Mutation } from "./mutation";
import { poolMutations } from "./pool";
import { rotationMutations } from "./rotation";

export const mutations: readonly Mutation[] = [...rotationMutations, ...poolMutations];
