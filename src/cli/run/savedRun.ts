/** A run read back from its folder: its configuration, its network, and how to use it on new rows. */

import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type CompleteConfig,
  lossOf,
  type Override,
  type ResolvedConfig,
  resolveConfig,
} from "../../config/index.ts";
import { type Preprocessing, parsePreprocessing, parseStandardization } from "../../data/index.ts";
import { loadNetwork } from "../../nn/index.node.ts";
import { FileError, nearestName, UsageError } from "../../util/index.ts";
import { readText } from "../text.ts";
import { backendHere } from "./backend.ts";
import { runFiles } from "./runFolder.ts";
import type { TrainedModel } from "./testing.ts";

export interface SavedRun {
  readonly path: string;
  readonly config: CompleteConfig;
  readonly preprocessing: Preprocessing;
  readonly model: TrainedModel;
}

/** Which of the two checkpoints is tested, and used to predict. */
export function testedWeights({ earlyStopping }: ResolvedConfig): "best" | "last" {
  return earlyStopping?.restoreBest ? "best" : "last";
}

/** Reads a run.
 *
 * @param argument the path of its folder, or the name of one in runs/
 * @param overrides changes of its configuration, such as another backend
 * @throws UsageError when there is no such run; FileError when a file of it is missing or broken
 */
export async function loadRun(
  argument: string,
  overrides: readonly Override[] = [],
): Promise<SavedRun> {
  const path = findRun(argument);
  const file = join(path, runFiles.config);
  const where = `Run "${path}", ${runFiles.config}`;
  const config = asComplete(resolveConfig(await readJson(file), { where, overrides }), where);
  const saved = await readJson(join(path, runFiles.preprocessing));
  const preprocessing = parsePreprocessing(saved);
  const { standardization } = preprocessing;
  const target = (saved as Readonly<Record<string, unknown>>).targetStandardization;
  return {
    path,
    config,
    preprocessing,
    model: {
      net: await loadNetwork(join(path, runFiles[testedWeights(config)])),
      loss: lossOf(config),
      backend: backendHere(config),
      ...(standardization && { standardization }),
      ...(target !== undefined && { targetStandardization: parseStandardization(target) }),
    },
  };
}

/** Whether an argument names a run rather than an experiment. */
export function isRun(argument: string): boolean {
  return [argument, join("runs", argument)].some((path) => existsSync(join(path, runFiles.config)));
}

/** The folder of a run. @throws UsageError when there is no such run */
export function findRun(argument: string): string {
  for (const path of [argument, join("runs", argument)]) {
    if (existsSync(join(path, runFiles.config))) return path;
  }
  if (existsSync(argument) && statSync(argument).isDirectory()) {
    throw new UsageError(
      `"${argument}": expected the folder of a run, with ${runFiles.config}, got another folder.`,
    );
  }
  const known = existsSync("runs") ? readdirSync("runs").filter(isRun) : [];
  const near = nearestName(argument.replace(/^runs\//, ""), known);
  const advice = near === undefined ? "" : ` Did you mean "runs/${near}"?`;
  throw new UsageError(
    `No run "${argument}": expected the folder that train wrote, such as runs/iris-seed0.${advice}`,
  );
}

function asComplete(config: ResolvedConfig, where: string): CompleteConfig {
  const { loss, batchSize } = config;
  if (loss === undefined || batchSize === undefined) {
    const missing = loss === undefined ? "loss" : "batchSize";
    throw new FileError(`${where}: expected the ${missing} of the run, got none; was it edited?`);
  }
  const network = config.network.map((layer) => {
    if (layer.kind !== "linear") return layer;
    if (layer.units !== undefined) return { ...layer, units: layer.units };
    throw new FileError(`${where}: expected the units of every linear layer; was it edited?`);
  });
  return { ...config, loss, batchSize, network };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FileError(`File "${path}": expected JSON: ${(cause as Error).message}.`, { cause });
  }
}
