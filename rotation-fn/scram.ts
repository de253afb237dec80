import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { UnhashablePasswordError } from "./errors";

/** PostgreSQL's own default for scram_iterations. Each login pays for it, so a higher one is not free. */
const iterations = 4096;
const saltBytes = 16;
const keyBytes = 32;

/** What PostgreSQL recognises as a verifier. It would treat anything else as a plaintext password. */
const verifierForm = /^SCRAM-SHA-256\$[1-9]\d*:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/;

/**
 * The SCRAM-SHA-256 verifier of a password, in the form that pg_authid stores: the server never sees the password, so
 * neither its log nor pg_stat_statements can hold it. RFC 5802, RFC 7677 and PostgreSQL's scram-common.c.
 *
 * @param password printable ASCII: SASLprep changes nothing in it, so every client hashes the same bytes
 * @throws UnhashablePasswordError when the password is empty or not printable ASCII
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(saltBytes)): string {
  if (!/^[\x20-\x7e]+$/.test(password)) {
    const received = password === "" ? "an empty string" : "a string with other characters";
    throw new UnhashablePasswordError("password", received, "printable ASCII, or PASSWORD_ENCRYPTION=server");
  }
  const saltedPassword = pbkdf2Sync(password, salt, iterations, keyBytes, "sha256");
  const storedKey = createHash("sha256").update(hmac(saltedPassword, "Client Key")).digest("base64");
  const serverKey = hmac(saltedPassword, "Server Key").toString("base64");
  const verifier = `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
  if (!verifierForm.test(verifier)) {
    throw new UnhashablePasswordError("salt", `${salt.length} bytes`, `${saltBytes} bytes`);
  }
  return verifier;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
