import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { addPath } from "./routes";

const files = [
  { path: "/", file: "index.html", type: "text/html; charset=utf-8" },
  { path: "/style.css", file: "style.css", type: "text/css; charset=utf-8" },
  { path: "/page.js", file: "page.js", type: "text/javascript; charset=utf-8" },
  { path: "/icon.svg", file: "icon.svg", type: "image/svg+xml" },
];

/**
 * Serves the page's four files. They are read once: nothing that a client sends ever becomes a path.
 *
 * @throws Error with code ENOENT if the folder lacks one of them
 */
export function addPage(app: FastifyInstance, publicFolder: string): void {
  for (const { path, file, type } of files) {
    const content = readFileSync(join(publicFolder, file));
    addPath(app, path, {
      GET: (_request, reply) => reply.type(type).header("cache-control", "no-cache").send(content),
    });
  }
}
