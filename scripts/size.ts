/** The size of what a browser loads: `npm run size`.
 *
 * Bundles the engine core (the entries tensor, nn, optim, train) for a browser, all of it, minified, and
 * compresses it as a server would. Told apart are the code that only some runs load, when they ask for it,
 * and what each entry of these folders that stands beside the core adds to it. Fails above the bar, and
 * when something of Node.js is needed.
 */

import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, relative, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { type OutputChunk, type Plugin, rolldown } from "rolldown";

/** Bytes, gzipped: 80 KB. */
const BAR = 80 * 1024;

const root = join(import.meta.dirname, "..");
const core = ["tensor", "nn", "optim", "train"];

const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  exports: Readonly<Record<string, string | { readonly default: string }>>;
};

/** The source of a package entry: `nn/saving` is src/nn/saving.ts. */
function sourceOf(entry: string): string {
  const { default: built } = exports[`./${entry}`] as { readonly default: string };
  return join(root, built.replace("./dist/", "").replace(/\.js$/, ".ts"));
}

interface Bundle {
  /** What loads before the first line runs. */
  readonly initial: readonly OutputChunk[];
  readonly onDemand: readonly OutputChunk[];
}

/** Bundles entries with all of their exports, so that nothing is left out as unused. */
async function bundle(entries: readonly string[]): Promise<Bundle> {
  const virtual = "\0entries";
  const all: Plugin = {
    name: "entries",
    resolveId: (id) => (id === virtual ? id : null),
    load: (id) =>
      id === virtual
        ? entries
            .map((name, i) => `export * as entry${i} from ${JSON.stringify(sourceOf(name))};`)
            .join("\n")
        : null,
  };
  const build = await rolldown({
    input: virtual,
    platform: "browser",
    // All exports stay; what is loaded on demand may share more with them.
    preserveEntrySignatures: "allow-extension",
    external: (id) => isBuiltin(id),
    transform: { target: "es2022" },
    plugins: [all],
  });
  const { output } = await build.generate({ format: "es", minify: true });
  const chunks = output.filter((part) => part.type === "chunk");
  const builtins = chunks.flatMap(({ imports }) => imports).filter(isBuiltin);
  if (builtins.length > 0) {
    fail(`expected a bundle of ${entries} without Node.js, got imports of ${builtins.join(", ")}.`);
  }
  const initial = new Set<OutputChunk>();
  const load = (chunk: OutputChunk | undefined) => {
    if (chunk === undefined || initial.has(chunk)) return;
    initial.add(chunk);
    for (const name of chunk.imports) load(chunks.find(({ fileName }) => fileName === name));
  };
  load(chunks.find(({ isEntry }) => isEntry));
  return { initial: [...initial], onDemand: chunks.filter((chunk) => !initial.has(chunk)) };
}

function fail(message: string): void {
  console.error(`size: ${message}`);
  process.exitCode = 1;
}

const text = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;
const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
/** Each file is compressed alone, as a server sends it. */
const gzippedSize = (chunks: readonly OutputChunk[]) =>
  sum(chunks.map(({ code }) => gzipSync(code, { level: 9 }).length));

const { initial, onDemand } = await bundle(core);
const gzipped = gzippedSize(initial);
const minified = sum(initial.map(({ code }) => Buffer.byteLength(code)));
console.log(
  `${core.join(" + ")}: ${text(gzipped)} gzipped, ${text(minified)} minified (bar ${text(BAR)} gzipped)`,
);

// Where it comes from, before minifying.
const folders = new Map<string, number>();
for (const { modules } of initial) {
  for (const [id, { renderedLength }] of Object.entries(modules)) {
    const [, first = "", second = ""] = relative(root, id).split(sep);
    const folder = first === "backend" || first === "nn" ? `${first}/${second}` : first;
    const name = folder.endsWith(".ts") ? folder.replace(/\/[^/]*$/, "") : folder;
    if (renderedLength > 0) folders.set(name, (folders.get(name) ?? 0) + renderedLength);
  }
}
const total = sum([...folders.values()]);
for (const [name, length] of [...folders].sort((a, b) => b[1] - a[1])) {
  console.log(`${((100 * length) / total).toFixed(1).padStart(8)} %  ${name}`);
}

const line = (size: number, name: string) => console.log(`${text(size).padStart(10)}  ${name}`);
console.log(`loaded on demand, gzipped:`);
for (const chunk of onDemand) line(gzippedSize([chunk]), chunk.name);

console.log(`what other entries add to the core, gzipped:`);
const beside = Object.keys(exports)
  .map((name) => name.slice(2))
  .filter((name) => core.some((folder) => name.startsWith(`${folder}/`)) && !/node$/.test(name));
for (const name of beside) {
  const { initial } = await bundle([...core, name]);
  line(gzippedSize(initial) - gzipped, name);
}

if (gzipped > BAR) fail(`expected at most ${text(BAR)} gzipped, got ${text(gzipped)}.`);
