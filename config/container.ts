import type { ConfigReader } from "./reader";

/** Variables that the program itself passes to the container. */
export const ownVariables: readonly string[] = ["AWS_REGION", "DATABASE_SECRET", "DATABASE_SECRET_ARN", "PORT"];

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** An ARN points to a secret but is not one. */
const secretName = /(passw|secret|token|credential|(api|access|private)_?key)(?!.*_ARN$)/i;

/** The program's interface with the container: the port, the health check, the environment. */
export function readContainer(reader: ConfigReader) {
  return {
    // The container's user is not root and may not listen below.
    containerPort: reader.integer("containerPort", 1024, 65_535),
    healthCheckPath: readHealthCheckPath(reader),
    environment: readEnvironment(reader),
  };
}

/** As the load balancer takes it, without a fragment. */
function readHealthCheckPath(reader: ConfigReader): string {
  const path = reader.text("healthCheckPath");
  if (!/^\/[\w.\-/?&=%~+:@]{0,1023}$/.test(path)) {
    reader.refuse("healthCheckPath", "a path that starts with /, at most 1024 characters, for example /healthz");
  }
  return path;
}

function readEnvironment(reader: ConfigReader): Readonly<Record<string, string>> {
  const key = "environment";
  const entries = reader.object(key, "an object, name: text");
  for (const [name, value] of Object.entries(entries)) {
    // The value is never shown: someone may put a secret here after all.
    const refuse = (received: string, accepted: string) => {
      reader.refuseAt(`${key}.${name}`, received, accepted);
    };
    if (!variableName.test(name)) refuse("this name", "a name of letters, digits and _, not starting with a digit");
    else if (ownVariables.includes(name)) refuse("this name", "another name: the program sets this variable");
    else if (secretName.test(name))
      refuse("the name of a secret", "no secrets: read them from Secrets Manager, by ARN");
    else if (typeof value !== "string")
      refuse(`a ${typeof value}`, 'text, in quotes where it looks like a number: "1"');
  }
  return entries as Readonly<Record<string, string>>;
}
