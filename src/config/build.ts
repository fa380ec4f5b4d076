/** What an experiment's configuration builds: the network, the loss, the optimizer and the backend. */

import {
  type Backend,
  referenceBackend,
  type WasmBackendOptions,
  wasmBackend,
} from "../backend/index.ts";
import { type Loss, type Network, network } from "../nn/index.ts";
import type { EvaluatingOptimizer, Optimizer, Schedule } from "../optim/index.ts";
import { type CompleteLayer, completeLayers, layerOf } from "./layers.ts";
import { lossOfConfig } from "./losses.ts";
import { innermost, optimizerOfConfig } from "./optimizers.ts";
import type { ExperimentRows } from "./rows.ts";
import { scheduleOfConfig } from "./schedules.ts";
import type { ResolvedConfig } from "./schema.ts";

/** A configuration in which nothing is left to follow from the data. */
export interface CompleteConfig extends ResolvedConfig {
  readonly network: CompleteLayer[];
  readonly loss: NonNullable<ResolvedConfig["loss"]>;
  readonly batchSize: number;
}

/** The configuration with what follows from the data filled in: the choices of the split, the last
 * layer's units, the loss, and the rows of a step.
 *
 * @throws UsageError for missing units
 */
export function completeConfig(config: ResolvedConfig, rows: ExperimentRows): CompleteConfig {
  const { train } = rows.raw;
  const isClassification = train.task === "classification";
  const outputs = isClassification ? train.classCount : train.targetSize;
  return {
    ...config,
    split: rows.split,
    network: completeLayers(config.network, outputs),
    loss: config.loss ?? { kind: isClassification ? "crossEntropy" : "mse" },
    batchSize: config.batchSize ?? (innermost(config.optimizer) === "lbfgs" ? train.length : 32),
  };
}

/** The network of a configuration for inputs of a shape, with parameters drawn from the seed.
 *
 * @throws ShapeError when a layer does not take what the one before gives
 */
export function networkOf(config: CompleteConfig, input: readonly number[]): Network {
  const { network: layers, seed, dtype } = config;
  return network({ input, layers: layers.map(layerOf), seed, dtype });
}

/** The loss of a complete configuration. */
export function lossOf({ loss }: CompleteConfig): Loss {
  return lossOfConfig(loss);
}

/** The optimizer, with what is wrapped around it. */
export function optimizerOf({ optimizer }: ResolvedConfig): Optimizer | EvaluatingOptimizer {
  return optimizerOfConfig(optimizer);
}

/** The learning rate's schedule, if there is one. */
export function scheduleOf({ schedule }: ResolvedConfig): Schedule | undefined {
  return schedule && scheduleOfConfig(schedule);
}

/** The backend of an experiment.
 * @param options what the machine at hand adds
 * @throws UsageError where the engine has no WebAssembly SIMD. */
export function backendOf(
  { backend, mode }: Pick<ResolvedConfig, "backend" | "mode">,
  options: Omit<WasmBackendOptions, "mode"> = {},
): Backend {
  return backend === "reference" ? referenceBackend() : wasmBackend({ ...options, mode });
}
