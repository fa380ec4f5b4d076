/** Checks that imports keep to the map of the folders (docs/map.md): `npm run check:imports`. */

import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { type Import, importsOf } from "./imports-of.ts";

/** The level of each folder of src/. Imports point only to lower numbers; siblings stay apart. */
const LEVELS: Readonly<Record<string, number>> = {
  util: 0,
  ir: 1,
  figures: 1,
  autograd: 2,
  compile: 2,
  backend: 2,
  tensor: 3,
  nn: 4,
  optim: 4,
  metrics: 4,
  data: 4,
  explain: 4,
  train: 5,
  estimators: 6,
  report: 6,
  config: 6,
  select: 7,
  tune: 7,
  checks: 8,
  cli: 9,
  server: 9,
};

/** What lies outside the folders of src/: its entry files (src/*.ts), and the published experiments. */
const ENTRY_LEVEL = 8.25;
const EXPERIMENTS_LEVEL = 8.5;

/** Imports that the levels forbid and a decision note allows. */
const EXCEPTIONS: readonly { from: string; to: string; note: string }[] = [
  { from: "backend", to: "compile", note: "docs/decisions/0001-backends-import-the-compiler.md" },
];

/** Folders that may use Node.js everywhere; elsewhere only files named `*.node.ts` may. */
const NODE_FOLDERS = new Set(["cli", "server"]);

/** The engine core: it has no runtime dependency. */
const DEPENDENCY_FREE = new Set(
  "util ir autograd compile backend tensor nn optim metrics train".split(" "),
);

const PACKAGE_NAME = "chainrule";

/** A broken rule, at the line that breaks it. */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly rule:
    | "unknown-folder"
    | "direction"
    | "outside"
    | "own-name"
    | "dependency"
    | "node"
    | "test"
    | "cycle";
  readonly message: string;
}

interface Place {
  /** The folder's name in messages and in the tables above. */
  readonly folder: string;
  readonly level: number | undefined;
}

/**
 * The broken rules of a tree, ordered by file and line.
 *
 * @param files - source text by path from the repository's root, such as "src/ir/node.ts"; paths
 *   outside src/ and experiments/ are not checked. Tests may import whatever they need.
 */
export function checkImports(files: ReadonlyMap<string, string>): Violation[] {
  const imports = new Map<string, readonly Import[]>();
  for (const [file, source] of files) {
    if (placeOf(file) !== undefined && !isTest(file)) imports.set(file, importsOf(source));
  }
  return [
    ...unknownFolders([...files.keys()]),
    ...[...imports].flatMap(([file, list]) => list.flatMap((each) => checkOne(file, each) ?? [])),
    ...cycles(imports),
  ].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

function unknownFolders(files: readonly string[]): Violation[] {
  const found = new Map<string, Violation>();
  for (const file of files) {
    const place = placeOf(file);
    if (place === undefined || place.level !== undefined || found.has(place.folder)) continue;
    const message = `src/${place.folder}/ has no level; add it to LEVELS in scripts/check-imports.ts and to docs/map.md`;
    found.set(place.folder, { file, line: 1, rule: "unknown-folder", message });
  }
  return [...found.values()];
}

/** The rule that one import breaks; each import is reported once, for its most telling reason. */
function checkOne(file: string, { specifier, line }: Import): Violation | undefined {
  const violation = (rule: Violation["rule"], message: string) => ({ file, line, rule, message });
  const from = placeOf(file)!;
  const mayUseNode = NODE_FOLDERS.has(from.folder) || isNodeFile(file);

  if (!specifier.startsWith(".")) {
    if (isBuiltin(specifier)) {
      if (mayUseNode) return undefined;
      return violation(
        "node",
        `"${specifier}" is only for cli/, server/ and files named *.node.ts; everything else runs in a browser`,
      );
    }
    if (specifier === PACKAGE_NAME || specifier.startsWith(`${PACKAGE_NAME}/`)) {
      return violation("own-name", `import "${specifier}" by its relative path`);
    }
    if (DEPENDENCY_FREE.has(from.folder)) {
      return violation("dependency", `"${specifier}": ${from.folder}/ has no runtime dependency`);
    }
    return undefined;
  }

  const target = resolve(file, specifier);
  const to = placeOf(target);
  if (to === undefined) {
    return violation("outside", `"${specifier}" leaves src/ and experiments/`);
  }
  if (isTest(target)) return violation("test", `"${specifier}" is a test; only tests import tests`);
  if (isNodeFile(target) && !mayUseNode) {
    return violation(
      "node",
      `"${specifier}" needs Node.js; only cli/, server/ and files named *.node.ts import it`,
    );
  }
  if (to.folder === from.folder) return undefined;
  if (to.folder === "experiments" && from.folder !== "cli") {
    return violation("direction", `"${specifier}": only cli/ imports experiments/`);
  }
  if (from.level === undefined || to.level === undefined || to.level < from.level) return undefined;
  if (EXCEPTIONS.some((each) => each.from === from.folder && each.to === to.folder)) {
    return undefined;
  }
  const names = `${from.folder} (${from.level}) imports ${to.folder} (${to.level})`;
  const reason =
    to.level === from.level ? "siblings do not import each other" : "imports point to lower levels";
  return violation("direction", `"${specifier}": ${names}; ${reason}`);
}

/** One violation for each group of files that reach each other, with a shortest way around. */
function cycles(imports: ReadonlyMap<string, readonly Import[]>): Violation[] {
  const edges = new Map<string, Map<string, number>>();
  for (const [file, list] of imports) {
    const targets = new Map<string, number>();
    for (const { specifier, line } of list) {
      const target = specifier.startsWith(".") ? resolve(file, specifier) : undefined;
      if (target !== undefined && imports.has(target) && !targets.has(target)) {
        targets.set(target, line);
      }
    }
    edges.set(file, targets);
  }
  const reported = new Set<string>();
  const found: Violation[] = [];
  for (const file of [...imports.keys()].sort()) {
    if (reported.has(file)) continue;
    const way = shortestWayBack(file, edges);
    if (way === undefined) continue;
    for (const each of way) reported.add(each);
    const line = edges.get(file)!.get(way[1])!;
    found.push({
      file,
      line,
      rule: "cycle",
      message: `files import in a circle: ${way.join(" → ")}`,
    });
  }
  return found;
}

/** The files on a shortest path from `start` back to itself, both ends included; breadth first. */
function shortestWayBack(
  start: string,
  edges: ReadonlyMap<string, ReadonlyMap<string, number>>,
): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const next of edges.get(file)!.keys()) {
      if (next === start) {
        const way = [start];
        for (let at = file; at !== start; at = cameFrom.get(at)!) way.unshift(at);
        return [start, ...way];
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}

/** Where a file stands on the map; undefined outside of it. */
function placeOf(file: string): Place | undefined {
  const [top, folder, ...rest] = file.split("/");
  if (top === "experiments") return { folder: "experiments", level: EXPERIMENTS_LEVEL };
  if (top !== "src" || folder === undefined) return undefined;
  if (rest.length === 0) return { folder: "src", level: ENTRY_LEVEL };
  return { folder, level: Object.hasOwn(LEVELS, folder) ? LEVELS[folder] : undefined };
}

const resolve = (file: string, specifier: string) => posix.join(posix.dirname(file), specifier);

/** Tests, and the files named `*.testing.ts` that several tests share. */
const isTest = (file: string) => /\.test(-d|ing)?\.ts$/.test(file);

const isNodeFile = (file: string) => /\.node\.ts$/.test(file);

if (import.meta.main) {
  const paths = globSync(["src/**/*.ts", "experiments/**/*.ts"]).map((path) =>
    path.replaceAll("\\", "/"),
  );
  const violations = checkImports(
    new Map(paths.sort().map((path) => [path, readFileSync(path, "utf8")])),
  );
  for (const { file, line, rule, message } of violations) {
    console.error(`${file}:${line}: ${rule}: ${message}`);
  }
  console.log(`imports: ${paths.length} files, ${violations.length} violations`);
  if (violations.length > 0) process.exitCode = 1;
}
