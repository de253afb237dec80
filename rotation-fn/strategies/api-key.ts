import { type ApiKeySecret, isApiKey, parseApiKeySecret, type ParsedApiKeySecret } from "../../contract/api-key";
import { type ApiAnswer, type ApiCall, callApi } from "../api-client";
import type { ApiSettings } from "../api-settings";
import {
  ApiKeyConflictError,
  ApiKeyRefusedError,
  CredentialMismatchError,
  type RotationError,
  UnexpectedApiAnswerError,
} from "../errors";
import { generatePassword } from "../password";
import { readCurrentText, type Rotation, type Strategy } from "../strategy";

/**
 * The key of an HTTP service that lets the holder of the current key change it. Either the function makes the next key
 * and setSecret sets it, or the service makes it and createSecret fetches it. The service decides what happens to the
 * old key.
 */
export function apiKey(settings: ApiSettings): Strategy {
  const call = (rotation: Rotation, request: ApiCall) => callApi(request, settings, rotation.remainingTimeMs);
  const parse = (text: string, stage: string, { store }: Rotation): ParsedApiKeySecret => {
    const name = `${stage} of ${store.secretArn}`;
    const parsed = parseApiKeySecret(text, name);
    checkHost(parsed.secret, name, settings);
    return parsed;
  };
  const readPending = async (rotation: Rotation): Promise<string> =>
    parse(await rotation.store.getPending(rotation.versionId), "AWSPENDING", rotation).secret.apiKey;

  return {
    async createValue(rotation, currentText) {
      const { secret, json } = parse(currentText, "AWSCURRENT", rotation);
      if (settings.keySource === "function") return JSON.stringify({ ...json, apiKey: generatePassword(settings.key) });
      const existing = await rotation.store.findPending(rotation.versionId);
      if (existing !== undefined) return existing; // a key that the service made would be lost but stay valid
      const made = await call(rotation, {
        request: settings.setKey,
        key: secret.apiKey,
        idempotencyKey: rotation.versionId,
      });
      return JSON.stringify({ ...json, apiKey: readMadeKey(made, secret.apiKey, settings) });
    },

    async setSecret(rotation) {
      if (settings.keySource === "service") return; // createSecret got a key that is already valid
      const current = parse(await readCurrentText(rotation.store), "AWSCURRENT", rotation).secret.apiKey;
      const pending = await readPending(rotation);
      const answer = await call(rotation, {
        request: settings.setKey,
        key: current,
        body: settings.keyPath.reduceRight<object | string>((value, name) => ({ [name]: value }), pending) as object,
        idempotencyKey: rotation.versionId,
      });
      if (answer.outcome === "done") return;
      // An earlier try got this far, and the service has since revoked the old key, or calls the new one a duplicate.
      const { outcome } = await call(rotation, { request: settings.testKey, key: pending });
      if (outcome !== "done") throw refusal(answer);
      rotation.info("the pending key is set already");
    },

    async testSecret(rotation) {
      const key = await readPending(rotation);
      const { outcome, status } = await call(rotation, { request: settings.testKey, key });
      if (outcome === "done") return;
      const accepted = "a key that the service takes once it is set";
      throw new ApiKeyRefusedError("AWSPENDING", `a refusal (${status})`, accepted);
    },
  };
}

/** The secret may name the host but not choose it. */
function checkHost({ host }: ApiKeySecret, name: string, { allowedHost }: ApiSettings): void {
  if (host === undefined || host === allowedHost) return;
  throw new CredentialMismatchError(`host of ${name}`, `"${host}"`, `API_ALLOWED_HOST, "${allowedHost}"`);
}

/** Neither AWSCURRENT's key nor AWSPENDING's works. */
function refusal({ outcome, status }: ApiAnswer): RotationError {
  const accepted = "a key that may change itself; docs/runbook.md#put-an-api-key-manually says what to do";
  if (outcome === "refused") return new ApiKeyRefusedError("AWSCURRENT", `a refusal (${status})`, accepted);
  return new ApiKeyConflictError("AWSPENDING", `a conflict (${status}), and a refusal of that key`, accepted);
}

function readMadeKey(answer: ApiAnswer, currentKey: string, settings: ApiSettings): string {
  if (answer.outcome !== "done") throw refusal(answer);
  const where = `${settings.keyPath.join(".")} of the answer to ${settings.setKey.method} ${settings.setKey.url}`;
  const key = settings.keyPath.reduce<unknown>(
    (value, name) => (value as Record<string, unknown> | undefined)?.[name],
    answer.json,
  );
  if (typeof key !== "string" || !isApiKey(key)) {
    throw new UnexpectedApiAnswerError(where, `a ${typeof key}`, "a new key, 1 to 4096 visible ASCII characters");
  }
  if (key === currentKey) throw new UnexpectedApiAnswerError(where, "AWSCURRENT's own key", "a new key");
  return key;
}
