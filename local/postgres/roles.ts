import { Client, escapeIdentifier, escapeLiteral, type ClientConfig } from "pg";

export interface Login {
  readonly username: string;
  readonly password: string;
}

/**
 * Creates the master user of an RDS instance: not a superuser, but LOGIN CREATEROLE CREATEDB and a member of
 * `rds_superuser`. It has no ADMIN OPTION on anything that it did not create itself, so from PostgreSQL 16 on it may
 * not change other users' roles.
 *
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html
 */
export async function createAdministrator(superuser: ClientConfig, administrator: Login): Promise<void> {
  // The statement holds a password, and this server logs every statement except those of this session.
  const options = "-c log_statement=none -c log_min_duration_statement=-1 -c log_min_error_statement=panic";
  const role = escapeIdentifier(administrator.username);
  await withClient({ ...superuser, options }, (client) =>
    client.query(`
      create role rds_superuser nologin;
      grant pg_monitor, pg_signal_backend to rds_superuser;
      create role ${role} login createrole createdb password ${escapeLiteral(administrator.password)};
      grant rds_superuser to ${role};
    `),
  );
}

/** Copies the template's files, which takes half of the CPU time of copying its blocks through the write-ahead log. */
export async function createDatabase(owner: ClientConfig, name: string): Promise<void> {
  await withClient(owner, (client) => client.query(`create database ${escapeIdentifier(name)} strategy file_copy`));
}

async function withClient(config: ClientConfig, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client(config);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
