/** What a run does that saves its state, or goes on from one: loaded by those that do. */

import type { Dataset } from "../data/index.ts";
import type { Network } from "../nn/index.ts";
import { CheckpointClock, type CheckpointOptions } from "./checkpoint.ts";
import { expectSameFacts, factsOf } from "./facts.ts";
import type { ResolvedOptions } from "./options.ts";
import type { RunFacts, TrainingState } from "./state.ts";

export class Saves {
  readonly #facts: RunFacts;
  readonly #checkpoint: CheckpointOptions | undefined;
  readonly #clock: CheckpointClock | undefined;
  /** The epochs and the steps within the next of the last save. */
  #place: string | undefined;

  /** @throws UsageError when a run goes on with other data or options */
  constructor(net: Network, data: Dataset, options: ResolvedOptions) {
    const { resume, checkpoint } = options;
    this.#facts = factsOf(net, data, options);
    if (resume !== undefined) expectSameFacts(resume.facts, this.#facts);
    this.#checkpoint = checkpoint;
    this.#clock = checkpoint && new CheckpointClock(checkpoint, resume?.records.length ?? 0);
  }

  isDue(epochsDone: number): boolean {
    return this.#clock?.isDue(epochsDone) ?? false;
  }

  /** Saves a state, unless it is the one saved last. */
  async save(
    epoch: number,
    stepInEpoch: number,
    rest: () => Omit<TrainingState, "facts" | "epoch" | "stepInEpoch">,
  ): Promise<void> {
    const place = `${epoch}, ${stepInEpoch}`;
    if (this.#checkpoint === undefined || place === this.#place) return;
    await this.#checkpoint.save({ facts: this.#facts, epoch, stepInEpoch, ...rest() });
    this.#place = place;
    this.#clock!.saved(epoch);
  }
}
