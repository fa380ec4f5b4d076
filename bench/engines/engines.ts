/** The engines that are compared: versions of Node.js, installed and given the benchmarks as JavaScript. */

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, installEngines } from "../peers/environment.ts";

export interface Engine {
  /** `Node.js 20.20.2 (V8 11.3.244.8)`. */
  readonly name: string;
  readonly executable: string;
}

const root = join(import.meta.dirname, "..", "..");

/** The versions of Node.js, which are installed at the first call.
 * @throws Error when they cannot be installed */
export function engines(): readonly Engine[] {
  const installed = installEngines();
  if (!installed.ok) throw new Error(`bench: the versions of Node.js ${installed.reason}`);
  const { dependencies } = JSON.parse(
    readFileSync(join(installed.folder, "package.json"), "utf8"),
  ) as { readonly dependencies: Readonly<Record<string, string>> };
  return Object.keys(dependencies).map((name) => {
    const executable = join(installed.folder, "node_modules", name, "bin", "node");
    const versions = execFileSync(executable, ["-p", "JSON.stringify(process.versions)"]);
    const { node, v8 } = JSON.parse(versions.toString()) as NodeJS.ProcessVersions;
    return { name: `Node.js ${node} (V8 ${v8.split("-")[0]})`, executable };
  });
}

/** Compiles this folder's measure.ts and all that it imports, for engines that cannot strip types.
 * @returns the path of measure.js */
export function buildForEngines(): string {
  const folder = join(cacheFolder(), "engines-build");
  rmSync(folder, { recursive: true, force: true });
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const project = join(import.meta.dirname, "tsconfig.json");
  try {
    execFileSync(process.execPath, [compiler, "-p", project, "--outDir", folder], {
      stdio: "pipe",
    });
  } catch (error) {
    const { stdout } = error as { readonly stdout?: Buffer };
    throw new Error(`bench: could not be compiled: ${String(stdout).split("\n")[0]}`);
  }
  cpSync(join(root, "package.json"), join(folder, "package.json"));
  const modules = join(folder, "node_modules");
  if (!existsSync(modules)) symlinkSync(join(root, "node_modules"), modules, "junction");
  return join(folder, "bench", "engines", "measure.js");
}
