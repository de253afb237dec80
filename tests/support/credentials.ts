/**
 * Looks for what must not be in the program's graph: a property named like a credential that has a value, or a text
 * that looks like one. References to a secret (an ARN, a name, "manage…", "…SecretArn") are not credentials.
 *
 * @returns the paths of the findings, never the values
 */
export function findCredentials(value: unknown, path = ""): string[] {
  if (typeof value === "string") return looksLikeCredential(value) ? [path] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const itemPath = path === "" ? key : `${path}.${key}`;
    const isNamedSo = /^(master)?(user)?(password|secretstring|secretbinary|token|privatekey|accesskey)/i.test(key);
    return isNamedSo ? [itemPath] : findCredentials(item, itemPath);
  });
}

function looksLikeCredential(text: string): boolean {
  const patterns = [
    /\bpostgres(ql)?:\/\/[^/\s]*:[^/\s]*@/, // a connection string with a password
    /\b(password|pwd)["']?\s*[:=]/i,
    /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
    /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
    /SCRAM-SHA-256\$/,
  ];
  return patterns.some((pattern) => pattern.test(text));
}
