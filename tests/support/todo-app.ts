import { startTodoApp, type TodoApp } from "../../local/todo-app";
import { bundleNode, type TestStack } from "./stack";

/**
 * The service on a stack, in a separate process, with the environment that the program gives its task; on BUNDLE_NODE,
 * if set.
 */
export function startApp(stack: TestStack, environment: Readonly<Record<string, string>> = {}): Promise<TodoApp> {
  return startTodoApp({
    execPath: bundleNode,
    environment: {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: stack.secretsManager.endpointUrl,
      DATABASE_SECRET_ARN: stack.secretArn,
      PGSSLROOTCERT: stack.postgres.caFile,
      ...environment,
    },
  });
}
