import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { anchorsOf, documents, readDocument } from "../support/markdown";
import { root } from "../support/whole-program";

/** Links to files of the repository that do not exist, or to headings that they do not have. */
function brokenLinks(document: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? document : join(dirname(document), path);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && !anchorsOf(readDocument(target)).includes(anchor);
  });
}

describe("the documents' links", () => {
  for (const document of documents) {
    it(`of ${document} have existing targets`, () => {
      assert.deepEqual(brokenLinks(document, readDocument(document)), []);
    });
  }

  it("are reported when broken", () => {
    const text = "[a](README.md) [b](no.md) [c](README.md#no-heading) [d](#no-heading) [e](https://example.com/no.md)";
    assert.deepEqual(brokenLinks("README.md", text), ["no.md", "README.md#no-heading", "#no-heading"]);
  });
});
