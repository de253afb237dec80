import type { CredentialPool } from "../credential-pool";

export interface Todo {
  readonly id: string;
  readonly title: string;
  readonly completed: boolean;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Where a page of the list begins: after this todo, even if it is gone by then. */
export interface Position {
  /** Microseconds since 1970, as digits: what PostgreSQL keeps, and finer than a Date. */
  readonly createdAtMicroseconds: string;
  readonly id: string;
}

export interface Page {
  readonly todos: readonly Todo[];
  /** Undefined on the last page. */
  readonly next: Position | undefined;
}

interface Row {
  readonly id: string;
  readonly title: string;
  readonly completed: boolean;
  readonly created_at: Date;
  readonly microseconds: string;
}

const columns =
  "id, title, completed, created_at, (extract(epoch from created_at) * 1000000)::bigint::text as microseconds";

/** The todos in PostgreSQL. Every method throws what CredentialPool.query throws. */
export class Todos {
  constructor(private readonly database: CredentialPool) {}

  /** The newest first. */
  async list(limit: number, after?: Position): Promise<Page> {
    const { rows } = await this.database.query<Row>({
      text: `
        select ${columns} from todos
        where $2::bigint is null or (created_at, id) < (timestamptz 'epoch' + $2 * interval '1 microsecond', $3::uuid)
        order by created_at desc, id desc
        limit $1`,
      values: [limit + 1, after?.createdAtMicroseconds, after?.id],
      effect: "read",
    });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      todos: shown.map(toTodo),
      next: rows.length > limit && last ? { createdAtMicroseconds: last.microseconds, id: last.id } : undefined,
    };
  }

  /**
   * Adds a todo, once for each id. "do update" changes nothing: it makes the insert return the existing todo.
   *
   * @returns undefined when the id belongs to a todo with another title
   */
  async add(id: string, title: string): Promise<Todo | undefined> {
    const { rows } = await this.database.query<Row>({
      text: `insert into todos (id, title) values ($1, $2) on conflict (id) do update set id = excluded.id returning ${columns}`,
      values: [id, title],
      effect: "idempotent write",
    });
    const [row] = rows;
    return row?.title === title ? toTodo(row) : undefined;
  }

  /** Idempotent: it says what the todo becomes, not how to change it. Undefined when there is no such todo. */
  async change(id: string, change: { title?: string | undefined; completed?: boolean | undefined }) {
    const { rows } = await this.database.query<Row>({
      text: `update todos set title = coalesce($2, title), completed = coalesce($3, completed) where id = $1 returning ${columns}`,
      values: [id, change.title, change.completed],
      effect: "idempotent write",
    });
    return rows.map(toTodo)[0];
  }

  /**
   * Not repeated after a lost session: the second answer would be "no such todo".
   *
   * @returns whether there was one
   */
  async delete(id: string): Promise<boolean> {
    const { rowCount } = await this.database.query({
      text: "delete from todos where id = $1",
      values: [id],
      effect: "write",
    });
    return rowCount === 1;
  }
}

function toTodo({ id, title, completed, created_at }: Row): Todo {
  return { id, title, completed, createdAt: created_at.toISOString() };
}
