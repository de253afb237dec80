import { createApiKeyStack } from "../local/api-key-stack";
import type { ApiService } from "../local/api-service";
import type { Cleanup } from "./cleanup";
import { CredentialHistory } from "./credential-history";
import type { Endpoint } from "./servers";
import { markerOf } from "./version";
import { logOf, observeTokens, type WatchedSecrets } from "./watched-secrets";

/** Creates the secret with the service's first key, and the function. */
export async function startWatchedApiKey(
  { secretsManager, secretsManagerLog }: Endpoint,
  service: ApiService,
  { cleanup, bundleFile }: { readonly cleanup: Cleanup; readonly bundleFile?: string },
): Promise<WatchedSecrets> {
  const stack = await cleanup.add(await createApiKeyStack({ secretsManager, service, name: "demo", bundleFile }));
  const { rotateFunction } = stack;
  const secrets = new Map<string, string>();
  const history = new CredentialHistory(stack, secrets, "apiKey");
  await history.readCurrent();
  observeTokens(secretsManager, rotateFunction, secrets);
  return {
    strategy: "api-key",
    rotateFunction,
    users: [{ name: "key", access: "the service's only key", secret: stack, history }],
    secrets,
    logs: [secretsManagerLog, logOf(rotateFunction, markerOf)],
    startCounting() {
      const start = service.requests.length;
      return Promise.resolve(() => {
        const requests = service.requests.slice(start);
        const failedLogins = requests.filter(({ status }) => status >= 400).length;
        return Promise.resolve({ logins: requests.length, failedLogins });
      });
    },
    async accepts({ apiKey }) {
      const headers = { authorization: `Bearer ${String(apiKey)}` };
      const response = await fetch(`${service.url}/account`, { headers });
      await response.arrayBuffer();
      return response.ok;
    },
    async plantMarkers(versionId) {
      await rotateFunction.invoke({ Step: markerOf(versionId) }); // makes it log an error about this step
    },
    stop: () => stack.stop(),
  };
}
