import { startTodoApp, type TodoApp } from "../../local/todo-app";
import { startStack, type TestStack, type TestStackOptions } from "./stack";

/** The service's environment for a stack: what the program gives its task. */
export function environmentOf(stack: TestStack): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: stack.secretsManager.endpointUrl,
    DATABASE_SECRET_ARN: stack.secretArn,
    PGSSLROOTCERT: stack.postgres.caFile,
  };
}

/** A stack and the service on it, in its own process. */
export async function startStackWithTodoApp(
  options: TestStackOptions & { readonly appEnvironment?: Readonly<Record<string, string>> },
): Promise<TestStack & { readonly app: TodoApp }> {
  const stack = await startStack(options);
  const app = await startTodoApp({ environment: { ...environmentOf(stack), ...options.appEnvironment } });
  return {
    ...stack,
    app,
    async stop() {
      await app.stop();
      await stack.stop();
    },
  };
}
