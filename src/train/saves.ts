/** What a run does that saves its state, or goes on from one: loaded by those that do. */

import { formatShape, type InputNode, sameShape, type TensorData } from "../ir/index.ts";
import type { Network, StoredTensor } from "../nn/index.ts";
import { UsageError } from "../util/index.ts";
import { CheckpointClock, type CheckpointOptions } from "./checkpoint.ts";
import { expectSameFacts, factsOf } from "./facts.ts";
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
  constructor(net: Network, session: TrainingSession) {
    const { resume, checkpoint } = session.options;
    this.#session = session;
    this.#facts = factsOf(net, session.data, session.options);
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

/** Everything that steps change, by name. */
function stateOf(session: TrainingSession): Map<string, StoredTensor> {
  const tensors = [...session.snapshot().inputs].map(([node, data]): [string, StoredTensor] => {
    const { attributes, dtype, shape } = node;
    return [attributes.name, { dtype, shape, data }];
  });
  return new Map([...tensors, ...(session.evaluator?.tensors() ?? [])]);
}

/** Takes over what {@link stateOf} gave.
 * @throws UsageError when it is of another network or optimizer */
function restoreState(session: TrainingSession, tensors: ReadonlyMap<string, StoredTensor>): void {
  const inputs = new Map<InputNode, TensorData>();
  for (const node of session.changing) {
    const { name } = node.attributes;
    const tensor = tensors.get(name);
    if (tensor === undefined || !sameShape(tensor.shape, node.shape)) {
      throw new UsageError(
        `train: resume expected the state of this network, with "${name}" of shape ` +
          `${formatShape(node.shape)}, got ${tensor === undefined ? "none" : formatShape(tensor.shape)}; ` +
          "build the network as it was when the state was saved.",
      );
    }
    inputs.set(node, tensor.data);
  }
  session.restore({ inputs, evaluator: undefined });
  session.evaluator?.restoreTensors(tensors);
}
