import jsonata from "jsonata";

/*
 * Runs a state machine in Amazon States Language with JSONata, as far as the project needs it; it refuses anything
 * else. https://states-language.net/spec.html
 */

export interface Execution {
  readonly status: "SUCCEEDED" | "FAILED";
  readonly error?: string;
  readonly cause?: string;
  /** Names of the states, in the order in which they were entered. */
  readonly entered: readonly string[];
  readonly waitedSeconds: number;
}

/** Resource of a task → what it answers. */
export type Tasks = Readonly<Record<string, (taskArguments: unknown) => unknown>>;

/** How a task fails. */
export class TaskFailure extends Error {
  constructor(
    readonly error: string,
    override readonly cause: string,
  ) {
    super(`${error}: ${cause}`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

interface State extends Fields {
  readonly Type: string;
  readonly Next?: string;
  readonly Assign?: Fields;
}

export interface Definition {
  readonly QueryLanguage: "JSONata";
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

const mostTransitions = 10_000;

export async function runStateMachine(definition: Definition, tasks: Tasks): Promise<Execution> {
  const variables: Record<string, unknown> = {};
  const entered: string[] = [];
  let waitedSeconds = 0;
  let name: string | undefined = definition.StartAt;
  while (name !== undefined && entered.length < mostTransitions) {
    const state: State | undefined = definition.States[name];
    if (state === undefined) throw new Error(`no state ${name}`);
    entered.push(name);
    switch (state.Type) {
      case "Succeed":
        return { status: "SUCCEEDED", entered, waitedSeconds };
      case "Fail": {
        const [error, cause] = (await evaluate([state.Error, state.Cause], variables, {})) as [string, string];
        return { status: "FAILED", error, cause, entered, waitedSeconds };
      }
      case "Wait":
        waitedSeconds += Number(state.Seconds);
        name = state.Next;
        break;
      case "Choice":
        name = await choose(state, variables);
        break;
      case "Task":
        name = await runTask(state, variables, tasks);
        break;
      default:
        throw new Error(`a state of type ${state.Type} is not known here`);
    }
  }
  throw new Error(`no end after ${entered.length} states`);
}

async function choose(state: State, variables: Fields): Promise<string> {
  for (const { Condition, Next } of state.Choices as readonly { Condition: string; Next: string }[]) {
    if ((await evaluate(Condition, variables, {})) === true) return Next;
  }
  return String(state.Default);
}

async function runTask(state: State, variables: Record<string, unknown>, tasks: Tasks): Promise<string | undefined> {
  const task = tasks[String(state.Resource)];
  if (task === undefined) throw new Error(`no answer for ${String(state.Resource)}`);
  const taskArguments = await evaluate(state.Arguments, variables, {});
  const [retrier] = (state.Retry ?? []) as readonly { MaxAttempts: number }[];
  for (let attempt = 0; ; attempt++) {
    try {
      const result = await task(taskArguments);
      Object.assign(variables, await evaluate(state.Assign ?? {}, variables, { result }));
      return state.Next;
    } catch (error) {
      if (!(error instanceof TaskFailure)) throw error;
      if (attempt < (retrier?.MaxAttempts ?? 0)) continue;
      const [catcher] = (state.Catch ?? []) as readonly State[];
      if (catcher === undefined) throw error;
      const errorOutput = { Error: error.error, Cause: error.cause };
      Object.assign(variables, await evaluate(catcher.Assign ?? {}, variables, { errorOutput }));
      return catcher.Next;
    }
  }
}

/** Replaces each "{% … %}" by its result; an empty result ends an execution, so it is an error here. */
async function evaluate(template: unknown, variables: Fields, states: Fields): Promise<unknown> {
  if (Array.isArray(template)) return Promise.all(template.map((item) => evaluate(item, variables, states)));
  if (typeof template === "object" && template !== null) {
    const entries = Object.entries(template).map(async ([key, value]): Promise<[string, unknown]> => [
      key,
      await evaluate(value, variables, states),
    ]);
    return Object.fromEntries(await Promise.all(entries));
  }
  const [, expression] = typeof template === "string" ? (/^\{%(.*)%\}$/s.exec(template) ?? []) : [];
  if (expression === undefined) return template;
  const value: unknown = await jsonata(expression).evaluate({}, { ...variables, states });
  if (value === undefined) throw new Error(`${expression.trim()} is undefined`);
  return value;
}
