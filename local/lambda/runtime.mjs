/**
 * Runs inside a function's process, as Lambda's runtime does: imports the bundle once, then serves one invocation after
 * another. Plain JavaScript, because it must run under any Node, without the loader of the program that started it.
 *
 * argv: the bundle's path, the handler's export name. Messages out: {ready: true}, or the result of errorOf() when the
 * import failed, then one {result} or {error} for each message {event, context} in.
 */
import process from "node:process";
import { pathToFileURL } from "node:url";

const [bundleFile, handlerName] = process.argv.slice(2);

// The program that started this process is gone: nothing would read an answer or stop this process.
process.on("disconnect", () => process.exit(0));

/** Lambda's own wording: any value may be thrown, and only an Error has a name and a stack. */
function errorOf(thrown) {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  return { errorType: thrown.name, errorMessage: thrown.message, trace: (thrown.stack ?? "").split("\n") };
}

/** Lambda logs a function's error with all of its properties, so whatever an error carries is in CloudWatch. */
function logError(thrown, what) {
  const { trace, ...error } = errorOf(thrown);
  const properties = thrown instanceof Error ? Object.assign({}, thrown, { stack: trace }) : {};
  let line;
  try {
    line = JSON.stringify({ ...error, ...properties });
  } catch {
    line = JSON.stringify(error); // a property that JSON cannot hold; Lambda drops it too
  }
  process.stderr.write(`ERROR\t${what}\t${line}\n`);
}

async function importHandler() {
  const handler = (await import(pathToFileURL(bundleFile).href))[handlerName];
  if (typeof handler === "function") return handler;
  const error = new Error(`index.${handlerName} is undefined or not exported`);
  error.name = "Runtime.HandlerNotFound";
  throw error;
}

function contextOf({ deadlineEpochMs, ...context }) {
  return { ...context, getRemainingTimeInMillis: () => Math.max(0, deadlineEpochMs - Date.now()) };
}

function serve(handler) {
  process.on("message", async ({ event, context }) => {
    try {
      // Serialised here, so that an answer that JSON cannot hold is the function's error, as in Lambda.
      process.send({ result: JSON.stringify((await handler(event, contextOf(context))) ?? null) });
    } catch (thrown) {
      logError(thrown, "Invoke Error");
      process.send({ error: errorOf(thrown) });
    }
  });
  process.send({ ready: true });
}

try {
  serve(await importHandler());
} catch (thrown) {
  logError(thrown, "Uncaught Exception");
  process.send({ error: errorOf(thrown) }, () => process.exit(1));
}
