import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./whole-program";

export function readDocument(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The documents for people who use or run this. */
export const documents = ["", "docs", "rotation-fn", "todo-app", "credential-pool"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".md"))
    .map((file) => join(folder, file)),
);

/** The cells of each line, if it is a table's; the first is empty. */
export function tableRows(markdown: string): string[][] {
  return markdown.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
}

/** The anchors of a document's headings, as GitHub generates them. */
export function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

/** The `code` in the first column of the tables in one section; rows without code are left out. */
export function firstColumnOf(markdown: string, heading: string): string[] {
  const [, section = ""] = markdown.split(new RegExp(`^#+ ${heading}$`, "m"));
  const [body = ""] = section.split(/^#+ /m);
  return [...body.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = ""]) => cell);
}
