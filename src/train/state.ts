/** The state of a run between two steps: all that it takes to go on as if nothing had happened.
 *
 * Learning rates, orders of rows, augmentations and dropout masks are functions of the seed and the step,
 * so the state is what steps change (parameters, layers' and optimizer's state, counters, sums) and what
 * the loop remembers.
 */

import type { TensorData } from "../ir/index.ts";
import type { StoredTensor } from "../nn/index.ts";
import type { EpochRecord } from "./events.ts";

/** What must be the same when a run goes on; plain JSON data. */
export type RunFacts = Readonly<Record<string, unknown>>;

/** The best epoch so far. */
export interface BestState {
  /** 0 before the first. */
  readonly epoch: number;
  /** The monitored value; smaller is better. */
  readonly value: number;
  /** The network's weights after that epoch, by path. */
  readonly weights?: ReadonlyMap<string, TensorData>;
}

/** Everything that a run needs to go on; plain data and tensors. */
export interface TrainingState {
  readonly facts: RunFacts;
  /** Whole epochs done. */
  readonly epoch: number;
  /** Steps done of the next epoch. */
  readonly stepInEpoch: number;
  /** Steps done, all epochs together. */
  readonly steps: number;
  /** Spent on training so far. */
  readonly seconds: number;
  readonly records: readonly EpochRecord[];
  readonly best: BestState;
  /** Sums of this epoch at its last step event. */
  readonly reported: { readonly weight: number; readonly loss: number };
  /** What steps change, by name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}
