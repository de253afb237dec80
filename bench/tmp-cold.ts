import { rotate, startMeasuredStack, withServers } from "./measured-stack";
void withServers(async (servers) => {
  const stack = await startMeasuredStack(servers, "single-user", "single_user", {
    NODE_OPTIONS: "--require /tmp/prof/cold.cjs",
    PROF_N: process.env.PROF_N ?? "1",
    PROF_OUT: `/tmp/prof/cold.json`,
  });
  const fresh = stack.startRotateFunction();
  servers.secretsManager.registerFunction(fresh);
  await rotate(stack);
  await fresh.stop();
  await stack.stop();
});
