import { mutations } from "./mutations";
import { runMutants } from "./run-mutants";

/* `npm run mutants`: the command itself. */

void runMutants(process.argv.slice(2), {
  mutations,
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
}).then((exitCode) => {
  process.exitCode = exitCode;
});
