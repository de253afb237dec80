import { chownSync, mkdtempSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServerCertificate } from "../certificates";
import { formatPgHbaConf, formatPostgresqlConf, type Settings } from "./configuration";
import type { ServerUser } from "./server-user";

/**
 * A new folder. For root it is below /tmp, whatever TMPDIR says: the server's user must be able to enter and remove it.
 */
export function createFolder(user: ServerUser | undefined): string {
  const folder = mkdtempSync(join(user ? "/tmp" : tmpdir(), "todo-rotation-postgres-"));
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}

/**
 * Writes what the server needs, readable only by its owner.
 *
 * @returns the paths, and the authority's certificate itself
 */
export async function writeServerFiles(
  folder: string,
  superuserPassword: string,
  settings: Settings,
  tls: "on" | "off",
) {
  const write = async (name: string, content: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
  const { ca, certificate, key } = await createServerCertificate();
  const tlsSettings = {
    ssl: tls,
    ssl_cert_file: await write("server.crt", certificate),
    ssl_key_file: await write("server.key", key),
  };
  return {
    ca,
    caFile: await write("ca.crt", ca),
    passwordFile: await write("superuser-password", superuserPassword),
    configFile: await write("postgresql.conf", formatPostgresqlConf({ ...tlsSettings, ...settings })),
    hbaFile: await write("pg_hba.conf", formatPgHbaConf(tls)),
  };
}
