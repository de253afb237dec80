/**
 * The todo service's tables, created by the owner role in the schema `todo`. Each statement does nothing if its work is
 * already done, since bootstrap runs them again whenever its inputs change. Teams with their own service replace them.
 */
export const schemaName = "todo";

export const schemaStatements = [
  `create table if not exists todo.todos (
    id uuid primary key, -- given by the client: an insert that is repeated adds nothing
    title text not null check (char_length(title) between 1 and 200),
    completed boolean not null default false,
    created_at timestamptz not null default now()
  )`,
  "create index if not exists todos_created_at_id on todo.todos (created_at, id)",
];
