/** postgresql.conf: one `name = 'value'` per line. */
export type Settings = Readonly<Record<string, string>>;

/** The settings of every server here. `settings` of startPostgres() follow them, and the last value wins. */
const defaults: Settings = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  password_encryption: "scram-sha-256",
  // Nothing here outlives the process that started it.
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  // The write-ahead log may be in memory.
  max_wal_size: "64MB",
  min_wal_size: "32MB",
  // Logs everything that could hold a secret, so that a test that finds none has actually searched.
  log_connections: "on",
  log_disconnections: "on",
  log_statement: "all",
  log_min_duration_statement: "0",
  log_line_prefix: "%m [%p] %q%u@%d ",
  lc_messages: "C",
};

export function formatPostgresqlConf(settings: Settings): string {
  return Object.entries({ ...defaults, ...settings })
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join("");
}

/** pg_hba.conf: only over TLS and with SCRAM-SHA-256, unless the server is to have no TLS. */
export function formatPgHbaConf(tls: "on" | "off"): string {
  if (tls === "off") return "host all all all scram-sha-256\n";
  return "hostnossl all all all reject\nhostssl all all all scram-sha-256\n";
}
