/** Keeps the measured costs of register tiles in a file, so that each engine is measured once a machine. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { detectFeatures } from "./assembler/index.ts";
import { measureTiles } from "./autotune.ts";
import { writeCacheFile } from "./cacheFile.node.ts";
import type { TileCosts } from "./tileCosts.ts";

/** What tiles cost on this engine and machine: from a file in a cache folder, or measured now (some 0.1 s)
 * and kept there. A file that cannot be read is measured anew; one that cannot be written is left out.
 *
 * @param folder the cache folder; a folder `tiles` is made in it
 * @param measure what measures, for tests
 * @returns undefined where no trustworthy times came about, which nothing is kept of
 */
export function cachedTiles(
  folder: string,
  measure: () => TileCosts | undefined = measureTiles,
): TileCosts | undefined {
  const engine = engineKey();
  const name = createHash("sha256").update(engine).digest("hex").slice(0, 16);
  const path = join(folder, "tiles", `${name}.json`);
  const known = readCosts(path, engine);
  if (known !== undefined) return known;
  const costs = measure();
  if (costs !== undefined) {
    writeCacheFile(path, `${JSON.stringify({ engine, costs }, undefined, 1)}\n`);
  }
  return costs;
}

/** What the costs depend on: the engine's version, the processor, and which instructions are in use. */
function engineKey(): string {
  const { simd, relaxedSimd } = detectFeatures();
  const features = [simd && "simd", relaxedSimd && "relaxed simd"].filter(Boolean).join(", ");
  const processor = cpus()[0]?.model.trim() || process.arch;
  return `format 2; V8 ${process.versions.v8}; ${process.arch} ${processor}; ${features}`;
}

/** The costs in a file, if it is one of ours, whole, and of this engine. */
function readCosts(path: string, engine: string): TileCosts | undefined {
  try {
    const file: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isRecord(file) && file.engine === engine && isCosts(file.costs) ? file.costs : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function isCosts(value: unknown): value is TileCosts {
  return isRecord(value) && isGroup(value.fused) && isGroup(value.separate);
}

function isGroup(group: unknown): boolean {
  return (
    isRecord(group) &&
    Object.entries(group).every(
      ([name, time]) => /^\d+x\d+$/.test(name) && typeof time === "number" && time > 0,
    )
  );
}
