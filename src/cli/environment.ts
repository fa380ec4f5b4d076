/** Where a command runs: versions, machine, and what the engine can do. */

import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { detectFeatures } from "../backend/wasm/assembler/index.ts";

/** Facts that are recorded with every run. */
export interface Environment {
  readonly chainrule: string;
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly processor: string;
  readonly threads: string;
  readonly memory: string;
  readonly features: string;
}

export function describeEnvironment(): Environment {
  const { simd, relaxedSimd, threads } = detectFeatures();
  const features = [simd && "SIMD", relaxedSimd && "relaxed SIMD", threads && "threads"];
  return {
    chainrule: packageVersion(),
    node: process.versions.node,
    v8: process.versions.v8,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() || "unknown",
    threads: String(availableParallelism()),
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GB`,
    features: `WebAssembly ${features.filter(Boolean).join(", ") || "without vectors"}`,
  };
}

/** The version in package.json, which lies above src/ and above dist/src/. */
export function packageVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
}
