/** The best epoch so far, and whether it is time to stop. */

import type { TensorData } from "../ir/index.ts";
import type { EpochRecord } from "./events.ts";
import type { EarlyStopping } from "./options.ts";

export class BestEpoch {
  epoch = 0;
  weights: ReadonlyMap<string, TensorData> | undefined;
  readonly #options: Required<EarlyStopping> | undefined;
  #value = Number.POSITIVE_INFINITY;

  constructor(options: Required<EarlyStopping> | undefined) {
    this.#options = options;
  }

  /** Takes note of an epoch; returns whether it is the best. */
  see(record: EpochRecord, weights: () => ReadonlyMap<string, TensorData>): boolean {
    const { monitor = "loss", minDelta = 0, restoreBest = false } = this.#options ?? {};
    const measures = record.validation ?? record.train;
    const value = monitor === "loss" ? measures.loss : -(measures.accuracy ?? 0);
    if (!(value < this.#value - minDelta) && this.epoch > 0) return false;
    this.#value = value;
    this.epoch = record.epoch;
    if (restoreBest) this.weights = weights();
    return true;
  }

  /** Whether too many epochs have passed since the best one. */
  isOver(epoch: number): boolean {
    return this.#options !== undefined && epoch - this.epoch >= this.#options.patience;
  }
}
