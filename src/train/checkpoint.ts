/** When a run saves its state. */

import { UsageError } from "../util/index.ts";
import type { TrainingState } from "./state.ts";

export interface CheckpointOptions {
  /** Epochs or minutes between two saves, whichever is over first; minutes may end within an epoch.
   * Default: every epoch. A run also saves when it ends or is aborted. */
  readonly every?: { readonly epochs?: number; readonly minutes?: number };
  /** Keeps a state; training waits for what it returns. */
  readonly save: (state: TrainingState) => void | Promise<void>;
}

/** Knows when the next save is due. */
export class CheckpointClock {
  readonly #epochs: number;
  readonly #milliseconds: number;
  #epoch: number;
  #at = performance.now();

  /** @throws UsageError for intervals that are not positive. */
  constructor({ every = { epochs: 1 } }: CheckpointOptions, epochsDone: number) {
    const { epochs = Number.POSITIVE_INFINITY, minutes = Number.POSITIVE_INFINITY } = every;
    if (epochs !== Number.POSITIVE_INFINITY && !(Number.isInteger(epochs) && epochs >= 1)) {
      throw new UsageError(
        `train: expected checkpoint.every.epochs to be an integer from 1, got ${epochs}.`,
      );
    }
    if (!(minutes >= 0)) {
      throw new UsageError(
        `train: expected checkpoint.every.minutes to be a number from 0, got ${minutes}.`,
      );
    }
    this.#epochs = epochs;
    this.#milliseconds = minutes * 60_000;
    this.#epoch = epochsDone;
  }

  isDue(epochsDone: number): boolean {
    return (
      epochsDone - this.#epoch >= this.#epochs || performance.now() - this.#at >= this.#milliseconds
    );
  }

  saved(epochsDone: number): void {
    this.#epoch = epochsDone;
    this.#at = performance.now();
  }
}
