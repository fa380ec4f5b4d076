/** The size of what a browser loads: `npm run size`.
 *
 * Bundles the engine core (tensor, nn, optim, train) for a browser, all of it, minified, and compresses it
 * as a server would. Code that only some runs load, when they ask for it, is told apart. Fails above the
 * bar, and when something of Node.js is needed.
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
      // All exports of the entry stay; what is loaded on demand may share more with it.
      preserveEntrySignatures: "allow-extension",
      external: (id) => isBuiltin(id),
      output: { format: "es" },
    },
  },
})) as Rolldown.RolldownOutput | Rolldown.RolldownOutput[];

const chunks = [results]
  .flat()
  .flatMap(({ output }) => output.filter((part) => part.type === "chunk"));

/** What the entry loads before its first line runs. */
const initial = new Set<Rolldown.OutputChunk>();
const load = (chunk: Rolldown.OutputChunk | undefined) => {
  if (chunk === undefined || initial.has(chunk)) return;
  initial.add(chunk);
  for (const name of chunk.imports) load(chunks.find(({ fileName }) => fileName === name));
};
load(chunks.find(({ isEntry }) => isEntry));

const text = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
const gzippedSize = (code: string) => gzipSync(code, { level: 9 }).length;
const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
// Each file is compressed alone, as a server sends it.
const gzipped = sum([...initial].map(({ code }) => gzippedSize(code)));
const minified = sum([...initial].map(({ code }) => Buffer.byteLength(code)));
console.log(
  `${entries.join(" + ")}: ${text(gzipped)} gzipped, ${text(minified)} minified (bar ${text(BAR)} gzipped)`,
);

// Where it comes from, before minifying.
const folders = new Map<string, number>();
for (const chunk of initial) {
  for (const [id, { renderedLength }] of Object.entries(chunk.modules)) {
    const [, first, second = ""] = relative(root, id).split(sep);
    const folder = first === "backend" || first === "nn" ? `${first}/${second}` : first;
    const name = folder?.endsWith(".ts") ? folder.replace(/\/[^/]*$/, "") : folder;
    folders.set(name, (folders.get(name) ?? 0) + renderedLength);
  }
}
const total = sum([...folders.values()]);
for (const [name, length] of [...folders].sort((a, b) => b[1] - a[1])) {
  console.log(`${((100 * length) / total).toFixed(1).padStart(6)} %  ${name}`);
}

const onDemand = chunks.filter((chunk) => !initial.has(chunk));
console.log(
  `loaded on demand: ${text(sum(onDemand.map(({ code }) => gzippedSize(code))))} gzipped`,
);
for (const { name, code } of onDemand) {
  console.log(`${text(gzippedSize(code)).padStart(9)}  ${name}`);
}

const builtins = chunks.flatMap(({ imports }) => imports).filter(isBuiltin);
if (builtins.length > 0) {
  console.error(`size: expected a bundle without Node.js, got imports of ${builtins.join(", ")}.`);
  process.exitCode = 1;
}
if (gzipped > BAR) {
  console.error(`size: expected at most ${text(BAR)} gzipped, got ${text(gzipped)}.`);
  process.exitCode = 1;
}
