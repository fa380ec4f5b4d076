/** Builds dist/ when a source has changed since the last build, and swaps it in whole: `npm run build`. */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  globSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { bundleCommand } from "./bundle-command.ts";

const root = join(import.meta.dirname, "..");
const dist = join(root, "dist");
const stampOf = (folder: string) => join(folder, ".sources");

/** What is not TypeScript and still belongs to the package: fonts, pages, data. */
const isAsset = (file: string) =>
  !/\.(ts|md)$/.test(file) && !/[\\/](golden|fixtures)[\\/]/.test(file);

const files = (...patterns: string[]) =>
  globSync(patterns, { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

const inputs = files("src/**", "experiments/**").filter(
  (file) => !/\.test(-d|ing)?\.ts$/.test(file),
);
const settings = files(
  "tsconfig*.json",
  "package-lock.json",
  "scripts/build.ts",
  "scripts/bundle-command.ts",
);

const hash = createHash("sha256");
for (const file of [...inputs, ...settings]) {
  const content = readFileSync(file);
  hash.update(`${file.slice(root.length)}\0${content.length}\0`).update(content);
}
const stamp = hash.digest("hex");

const isUpToDate = existsSync(stampOf(dist)) && readFileSync(stampOf(dist), "utf8") === stamp;
// npx links this repository into its cache before it starts the command, and runs `prepare` for
// that: it must neither wait for a build nor fail with one.
const isNpx = process.env.npm_lifecycle_event === "prepare" && process.env.npm_command === "exec";
if (!isUpToDate && !isNpx) await build();

async function build() {
  const fresh = join(root, `.dist-${process.pid}`);
  const stale = `${fresh}-old`;
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  try {
    const { status } = spawnSync(
      process.execPath,
      [compiler, "-p", join(root, "tsconfig.build.json"), "--outDir", fresh],
      { stdio: "inherit", cwd: root },
    );
    if (status !== 0) {
      console.error("build: failed; dist/ is left as it was");
      process.exitCode = 1;
      return;
    }
    for (const file of inputs.filter(isAsset)) cpSync(file, join(fresh, file.slice(root.length)));
    await bundleCommand(fresh);
    writeFileSync(stampOf(fresh), stamp);
    if (existsSync(dist)) renameSync(dist, stale);
    renameSync(fresh, dist);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(stale, { recursive: true, force: true });
  }
}
