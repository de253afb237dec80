import { readFileSync } from "node:fs";
import { join } from "node:path";

/** "string", "boolean" (without a value), "list" (any number of values) and so on, or the accepted values. */
type Type = string | readonly string[];

interface Operation {
  readonly positional: readonly string[];
  readonly required: readonly string[];
  readonly parameters: Readonly<Record<string, Type>>;
}

/** What the AWS CLI accepts; aws-commands.py next to it says how to renew it. */
export const awsCli = JSON.parse(readFileSync(join(__dirname, "../fixtures/aws-commands.json"), "utf8")) as {
  /** Parameters of every command. */
  readonly everywhere: Readonly<Record<string, Type>>;
  readonly operations: Readonly<Record<string, Operation>>;
};

/** Optional for the CLI, which uses another one if it is not given. */
const requiredHere: Readonly<Record<string, readonly string[]>> = { ecs: ["cluster"] };

/** The `aws …` commands in a document's code, each as its words; a command inside another is also listed separately. */
export function awsCommandsIn(markdown: string): string[][] {
  const code = [...markdown.matchAll(/^ *```sh\n([\s\S]*?)^ *```$|`([^`\n]+)`/gm)].map(
    ([, block, span]) => block ?? span ?? "",
  );
  return code.flatMap((text) => {
    const starts = [...text.matchAll(/(?<=^ *|[(;&|] *)aws (?=[a-z])/gm)];
    return starts.map(({ index }) => readWords(text.slice(index)));
  });
}

/** A word: quoted text, substitutions, placeholders like <the ARN>, and anything else without a space. */
const word = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|\$\((?:[^()]|\([^()]*\))*\)|<[^>]*>|[^\s"'()|;&<>])+/;

/** The words of the first command in a shell's text. */
function readWords(text: string): string[] {
  const words: string[] = [];
  for (let rest = text; ;) {
    rest = rest.replace(/^(?: |\\\n)+/, "");
    const [next] = word.exec(rest) ?? [];
    if (next === undefined || next.startsWith("#")) return words;
    words.push(next);
    rest = rest.slice(next.length);
  }
}

/** What is wrong with a command; empty if the AWS CLI would send it. */
export function findMistakes([, service = "", name = "", ...args]: readonly string[]): string[] {
  const operation = awsCli.operations[`${service} ${name}`];
  if (operation === undefined) return [`aws ${service} ${name}: there is no such operation`];
  const types = { ...operation.parameters, ...awsCli.everywhere };
  const { named, positional } = readArguments(args, types);
  const required = [...operation.required, ...(requiredHere[service] ?? [])];
  const mistakes = [
    ...required.filter((key) => !named.has(key)).map((key) => `--${key} is missing`),
    ...[...named].flatMap(([key, values]) => findWrongValues(key, types[key], values)),
  ];
  if (positional.length !== operation.positional.length) {
    mistakes.push(
      `received "${positional.join(" ")}" without a name, accepted is ${operation.positional.join(" ") || "none"}`,
    );
  }
  return mistakes.map((mistake) => `aws ${service} ${name}: ${mistake}`);
}

function readArguments(args: readonly string[], types: Readonly<Record<string, Type>>) {
  const named = new Map<string, string[]>();
  const positional: string[] = [];
  let values = positional;
  let most = Infinity;
  for (const arg of args) {
    if (arg.startsWith("--")) {
      const key = arg.slice(2);
      named.set(key, (values = []));
      most = types[key] === "boolean" ? 0 : types[key] === "list" ? Infinity : 1;
    } else if (values.length < most) values.push(arg);
    else positional.push(arg);
  }
  return { named, positional };
}

function findWrongValues(key: string, type: Type | undefined, values: readonly string[]): string[] {
  if (type === undefined) return [`--${key}: there is no such parameter`];
  if (type !== "boolean" && values.length === 0) return [`--${key} has no value`];
  if (typeof type === "string") return [];
  const wrong = values.filter((value) => !type.includes(value));
  return wrong.map((value) => `--${key}: received ${value}, accepted is one of ${type.join(", ")}`);
}
