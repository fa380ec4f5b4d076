/** The throw-away environment of the peers and engines: pinned packages and the workloads' data, in a cache
 * folder.
 *
 * The folder is `chainrule-bench` in $XDG_CACHE_HOME (or ~/.cache); deleting it undoes everything. The
 * Python packages take some 5 GB, the JavaScript ones 70 MB, the versions of Node.js 400 MB.
 */

import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** Where the peers' programs lie. */
export const scripts = join(import.meta.dirname, "..", "..", "scripts", "bench-peers");

export function cacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(cache, "chainrule-bench");
}

/** What was installed, or why not. */
export type Installed =
  | { readonly ok: true; readonly folder: string }
  | { readonly ok: false; readonly reason: string };

/** The Python environment; made at the first call and again when the pinned versions change. */
export function installPython(): Installed {
  return install("python", "requirements.txt", (folder, pins) => {
    const python = process.env.CHAINRULE_BENCH_PYTHON || "python3";
    run(python, ["-m", "venv", folder]);
    run(join(folder, "bin", "python"), ["-m", "pip", "install", "--no-deps", "-r", pins]);
  });
}

/** The versions of Node.js. */
export function installEngines(): Installed {
  return install("engines", "engines.json", npmInstall);
}

/** The JavaScript packages. The peers' programs are copied beside them, for there they find them. */
export function installJavaScript(): Installed {
  const installed = install("javascript", "package.json", npmInstall);
  if (installed.ok) {
    for (const file of ["protocol.mjs", "tfjs.mjs", "jax-js.mjs", "toygrad.mjs"]) {
      copyFileSync(join(scripts, file), join(installed.folder, file));
    }
  }
  return installed;
}

function install(
  name: string,
  pinFile: string,
  make: (folder: string, pins: string) => void,
): Installed {
  const folder = join(cacheFolder(), name);
  const pins = join(scripts, pinFile);
  const stamp = join(folder, "installed.txt");
  const wanted = readFileSync(pins, "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return { ok: true, folder };
  console.error(`Installing the packages of ${name} in ${folder} …`);
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    make(folder, pins);
    writeFileSync(stamp, wanted);
    return { ok: true, folder };
  } catch (error) {
    const { stderr, message } = error as { stderr?: Buffer; message: string };
    const lines = (stderr?.toString() || message).trim().split("\n");
    return { ok: false, reason: `could not be installed: ${lines.at(-1)}` };
  }
}

function npmInstall(folder: string, pins: string): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(pins, join(folder, "package.json"));
  run("npm", ["install", "--no-audit", "--no-fund", "--silent"], folder);
}

function run(command: string, args: readonly string[], cwd?: string): void {
  execFileSync(command, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
}

/** Writes values where a peer reads them, once. @returns the file's path */
export function dataFile(name: string, values: () => Float32Array | Int32Array): string {
  const folder = join(cacheFolder(), "data");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, new Uint8Array(values().buffer.slice(0)));
  return path;
}
