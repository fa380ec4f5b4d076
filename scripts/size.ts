/** The size of what a browser loads: `npm run size`.
 *
 * Bundles the engine core (tensor, nn, optim, train) for a browser, all of it, minified, and compresses it
 * as a server would. Fails above the bar, and when something of Node.js is needed.
 */

import { isBuiltin } from "node:module";
import { join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

/** Bytes, gzipped: 80 KB. */
const BAR = 80 * 1024;

const root = join(import.meta.dirname, "..");
const entries = ["tensor", "nn", "optim", "train"];
const virtual = "\0core";

/** One entry that exports all of the core, so that nothing is left out as unused. */
const core: Rolldown.Plugin = {
  name: "core",
  resolveId: (id) => (id === virtual ? id : null),
  load: (id) =>
    id === virtual
      ? entries
          .map(
            (name) =>
              `export * as ${name} from ${JSON.stringify(join(root, "src", name, "index.ts"))};`,
          )
          .join("\n")
      : null,
};

const results = (await build({
  root,
  configFile: false,
  logLevel: "silent",
  plugins: [core],
  build: {
    write: false,
    minify: true,
    target: "es2022",
    modulePreload: false,
    rolldownOptions: {
      input: virtual,
      preserveEntrySignatures: "strict",
      external: (id) => isBuiltin(id),
      output: { format: "es" },
    },
  },
})) as Rolldown.RolldownOutput | Rolldown.RolldownOutput[];

const chunks = [results]
  .flat()
  .flatMap(({ output }) => output.filter((part) => part.type === "chunk"));
const builtins = chunks.flatMap(({ imports }) => imports).filter(isBuiltin);
const code = chunks.map((chunk) => chunk.code).join("\n");
const minified = Buffer.byteLength(code);
const gzipped = gzipSync(code, { level: 9 }).length;
const text = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
console.log(
  `${entries.join(" + ")}: ${text(gzipped)} gzipped, ${text(minified)} minified (bar ${text(BAR)} gzipped)`,
);

// Where it comes from, before minifying.
const folders = new Map<string, number>();
for (const chunk of chunks) {
  for (const [id, { renderedLength }] of Object.entries(chunk.modules)) {
    const [, first, second = ""] = relative(root, id).split(sep);
    const folder = first === "backend" || first === "nn" ? `${first}/${second}` : first;
    const name = folder?.endsWith(".ts") ? folder.replace(/\/[^/]*$/, "") : folder;
    folders.set(name, (folders.get(name) ?? 0) + renderedLength);
  }
}
const total = [...folders.values()].reduce((sum, length) => sum + length, 0);
for (const [name, length] of [...folders].sort((a, b) => b[1] - a[1])) {
  console.log(`${((100 * length) / total).toFixed(1).padStart(6)} %  ${name}`);
}

if (builtins.length > 0) {
  console.error(`size: expected a bundle without Node.js, got imports of ${builtins.join(", ")}.`);
  process.exitCode = 1;
}
if (gzipped > BAR) {
  console.error(`size: expected at most ${text(BAR)} gzipped, got ${text(gzipped)}.`);
  process.exitCode = 1;
}
