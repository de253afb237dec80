import { readFileSync } from "node:fs";
import { join } from "node:path";

export function readDocument(path: string): string {
  return readFileSync(join(__dirname, "..", "..", path), "utf8");
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
