/** The best epoch so far, and whether it is time to stop. */

import type { TensorData } from "../ir/index.ts";
import type { EpochRecord } from "./events.ts";
import type { EarlyStopping } from "./options.ts";
import type { BestState } from "./state.ts";

export class BestEpoch {
  epoch = 0;
  weights: ReadonlyMap<string, TensorData> | undefined;
  readonly #options: Required<EarlyStopping> | undefined;
  readonly #keepsWeights: boolean;
  #value = Number.POSITIVE_INFINITY;

  /** @param before what an earlier part of the run had seen */
  constructor(
    options: Required<EarlyStopping> | undefined,
    { keepsWeights, before }: { readonly keepsWeights: boolean; readonly before?: BestState },
  ) {
    this.#options = options;
    this.#keepsWeights = keepsWeights;
    if (before !== undefined) {
      this.epoch = before.epoch;
      this.#value = before.value;
      this.weights = before.weights;
    }
  }

  state(): BestState {
    const { epoch, weights } = this;
    return { epoch, value: this.#value, ...(weights && { weights }) };
  }

  /** Takes note of an epoch; returns whether it is the best. */
  see(record: EpochRecord, weights: () => ReadonlyMap<string, TensorData>): boolean {
    const { monitor = "loss", minDelta = 0 } = this.#options ?? {};
    const measures = record.validation ?? record.train;
    const value = monitor === "loss" ? measures.loss : -(measures.accuracy ?? 0);
    if (!(value < this.#value - minDelta) && this.epoch > 0) return false;
    this.#value = value;
    this.epoch = record.epoch;
    if (this.#keepsWeights) this.weights = weights();
    return true;
  }

  /** Whether too many epochs have passed since the best one. */
  isOver(epoch: number): boolean {
    return this.#options !== undefined && epoch - this.epoch >= this.#options.patience;
  }
}
