/** What a run does that saves its state, or goes on from one: loaded by those that do. */

import type { Dataset } from "../data/index.ts";
import { formatShape, sameShape } from "../ir/index.ts";
import type { Network, StoredTensor } from "../nn/index.ts";
import { UsageError } from "../util/index.ts";
import { CheckpointClock, type CheckpointOptions } from "./checkpoint.ts";
import { expectSameFacts, factsOf } from "./facts.ts";
import type { ResolvedOptions } from "./options.ts";
import type { TrainingSession } from "./session.ts";
import type { RunFacts, TrainingState } from "./state.ts";

/** What a run tells of a state. */
type Told = "epoch" | "stepInEpoch" | "steps" | "seconds" | "records" | "best" | "reported";

export class Saves {
  readonly #session: TrainingSession;
  readonly #facts: RunFacts;
  readonly #checkpoint: CheckpointOptions | undefined;
  readonly #clock: CheckpointClock | undefined;
  /** The epochs and the steps within the next of the last save. */
  #place: string | undefined;

  /** @throws UsageError when a run goes on with other data or options */
  constructor(net: Network, data: Dataset, options: ResolvedOptions, session: TrainingSession) {
    const { resume, checkpoint } = options;
    this.#session = session;
    this.#facts = factsOf(net, data, options);
    if (resume !== undefined) {
      expectSameFacts(resume.facts, this.#facts);
      restoreState(session, resume.tensors);
    }
    this.#checkpoint = checkpoint;
    this.#clock = checkpoint && new CheckpointClock(checkpoint, resume?.records.length ?? 0);
  }

  isDue(epochsDone: number): boolean {
    return this.#clock?.isDue(epochsDone) ?? false;
  }

  /** Saves a state, unless it is the one saved last. */
  async save(told: Pick<TrainingState, Told>): Promise<void> {
    const { epoch, stepInEpoch } = told;
    const place = `${epoch}, ${stepInEpoch}`;
    if (this.#checkpoint === undefined || place === this.#place) return;
    const tensors = stateOf(this.#session);
    await this.#checkpoint.save({ facts: this.#facts, ...told, tensors });
    this.#place = place;
    this.#clock!.saved(epoch);
  }
}

/** A copy of everything that steps change, by name. */
function stateOf({ changing, executable, evaluator }: TrainingSession): Map<string, StoredTensor> {
  const inputs = [...changing].map(([name, node]): [string, StoredTensor] => {
    const { dtype, shape } = node;
    return [name, { dtype, shape, data: executable.read(node) }];
  });
  return new Map([...inputs, ...(evaluator?.tensors() ?? [])]);
}

/** Takes over what {@link stateOf} gave.
 * @throws UsageError when it is of another network or optimizer */
function restoreState(
  { changing, executable, evaluator }: TrainingSession,
  tensors: ReadonlyMap<string, StoredTensor>,
): void {
  for (const [name, { shape }] of changing) {
    const tensor = tensors.get(name);
    if (tensor !== undefined && sameShape(tensor.shape, shape)) continue;
    throw new UsageError(
      `train: resume expected the state of this network, with "${name}" of shape ` +
        `${formatShape(shape)}, got ${tensor === undefined ? "none" : formatShape(tensor.shape)}; ` +
        "build the network as it was when the state was saved.",
    );
  }
  for (const [name, node] of changing) executable.write(node, tensors.get(name)!.data);
  evaluator?.restoreTensors(tensors);
}
