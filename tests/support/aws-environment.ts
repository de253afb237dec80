/** Points this process's SDK clients at an endpoint. Returns a function that undoes it. */
export function useAwsEnvironment(endpointUrl: string): () => void {
  const variables: Record<string, string> = {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpointUrl,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "todo-app",
    AWS_SECRET_ACCESS_KEY: "example-secret-access-key",
  };
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  };
}
