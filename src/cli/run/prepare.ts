/** Everything that a run needs before its first step: rows, network, loss, optimizer, backend. */

import {
  type CompleteConfig,
  completeConfig,
  type ExperimentRows,
  loadRows,
  lossOf,
  networkOf,
  optimizerOf,
  type Readers,
  type ResolvedConfig,
  scheduleOf,
} from "../../config/index.ts";
import type { EvaluatingOptimizer, Optimizer, Schedule } from "../../optim/index.ts";
import { backendHere } from "./backend.ts";
import type { TrainedModel } from "./testing.ts";

export interface PreparedRun {
  readonly config: CompleteConfig;
  readonly rows: ExperimentRows;
  readonly model: TrainedModel;
  readonly optimizer: Optimizer | EvaluatingOptimizer;
  readonly schedule?: Schedule;
}

/** Reads the rows and builds the network with its first weights.
 *
 * @throws DataError, FileError, ShapeError and UsageError for an experiment that cannot run
 */
export async function prepareRun(resolved: ResolvedConfig, readers: Readers): Promise<PreparedRun> {
  const rows = await loadRows(resolved, readers);
  const config = completeConfig(resolved, rows);
  const { standardization, targetStandardization, raw } = rows;
  const schedule = scheduleOf(config);
  return {
    config,
    rows,
    model: {
      net: networkOf(config, raw.train.inputShape),
      loss: lossOf(config),
      backend: backendHere(config),
      ...(standardization && { standardization }),
      ...(targetStandardization && { targetStandardization }),
    },
    optimizer: optimizerOf(config),
    ...(schedule && { schedule }),
  };
}
