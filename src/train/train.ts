/** The training loop. */

import type { Dataset } from "../data/index.ts";
import type { Network } from "../nn/index.ts";
import { BestEpoch } from "./best.ts";
import type { Anchor } from "./diagnose.ts";
import type { EndReason, EpochRecord, History } from "./events.ts";
import { loadOptions, type TrainOptions } from "./options.ts";
import { Pacer } from "./pause.ts";
import type { Saves } from "./saves.ts";
import { TrainingSession } from "./session.ts";

/** Trains a network on a dataset and leaves the learned parameters in it.
 *
 * A whole step (gathering the rows, forward, backward, update) is one compiled program and an epoch one
 * call, cut into slices of some milliseconds after which other events have their turn. The same seed,
 * data and options give the same parameters on every run.
 *
 * @returns the history: one record an epoch
 * @throws UsageError, ShapeError, DataError for options or data that do not fit; NumericalError when
 *   the loss is no longer finite (the network then keeps the parameters it had before training)
 * @example
 * const { train: fit, test } = datasets.iris().split({ test: 0.2, stratify: true, seed: 1 });
 * const history = await train(net, fit, {
 *   optimizer: optimizers.adam({ learningRate: 0.01 }),
 *   epochs: 100,
 *   batchSize: 8,
 *   validation: test,
 * });
 */
export async function train(
  net: Network,
  data: Dataset,
  options: TrainOptions = {},
): Promise<History> {
  const session = new TrainingSession(net, data, await loadOptions(net, data, options));
  try {
    const { checkpoint, resume } = session.options;
    const saving = (checkpoint ?? resume) && (await import("./saves.ts"));
    return await new Run(net, session, saving && new saving.Saves(net, session)).all();
  } finally {
    session.close();
  }
}

const nothingReported = { weight: 0, loss: 0 };

/** Milliseconds of training after which a new state to go back to is kept. */
const anchorInterval = 250;

/** One run of the loop. */
class Run {
  readonly #net: Network;
  readonly #session: TrainingSession;
  readonly #started: number;
  readonly #pacer = new Pacer();
  readonly #epochs: EpochRecord[];
  readonly #best: BestEpoch;
  readonly #saves: Saves | undefined;
  #stepCount: number;
  /** Steps done of the epoch in progress. */
  #done: number;
  /** Sums of this epoch at its last step event. */
  #reported: { readonly weight: number; readonly loss: number };
  #anchor: Anchor;

  constructor(net: Network, session: TrainingSession, saves: Saves | undefined) {
    this.#net = net;
    this.#session = session;
    this.#saves = saves;
    const { resume, checkpoint, earlyStopping } = session.options;
    this.#started = performance.now() - 1000 * (resume?.seconds ?? 0);
    this.#epochs = session.records;
    this.#epochs.push(...(resume?.records ?? []));
    this.#stepCount = resume?.steps ?? 0;
    this.#done = resume?.stepInEpoch ?? 0;
    this.#reported = resume?.reported ?? nothingReported;
    this.#best = new BestEpoch(earlyStopping, {
      keepsWeights: checkpoint !== undefined || (earlyStopping?.restoreBest ?? false),
      before: resume?.best,
    });
    const epoch = this.#epochs.length + 1;
    this.#anchor = { snapshot: session.snapshot(), epoch, done: this.#done, at: performance.now() };
  }

  async all(): Promise<History> {
    const { epochs, backend, onEvent, earlyStopping } = this.#session.options;
    await onEvent({
      type: "start",
      epochs,
      stepsPerEpoch: this.#session.stepsPerEpoch,
      stepsDone: this.#stepCount,
      samples: this.#session.data.length,
      parameters: this.#net.parameterCount,
      backend: backend.name,
    });
    let reason: EndReason = "finished";
    while (this.#epochs.length < epochs || this.#best.isOver(this.#epochs.length)) {
      if (this.#best.isOver(this.#epochs.length)) {
        reason = "stopped early";
        break;
      }
      if (this.#session.isConverged) break;
      if (!(await this.#epoch(this.#epochs.length + 1))) {
        reason = "aborted";
        break;
      }
      await this.#saveIfDue();
    }
    if (this.#session.isConverged && reason === "finished") reason = "converged";
    await this.#save();
    const restored = earlyStopping?.restoreBest ? this.#best.weights : undefined;
    this.#net.setWeights(restored ?? this.#session.weights());
    const end = {
      reason,
      steps: this.#stepCount,
      seconds: this.#seconds(),
      bestEpoch: this.#best.epoch,
    };
    await onEvent({ type: "end", epochs: this.#epochs.length, ...end });
    return { epochs: this.#epochs, ...end };
  }

  /** Returns false when the run was stopped before the end of the epoch. */
  async #epoch(epoch: number): Promise<boolean> {
    const session = this.#session;
    this.#keepAnchor(epoch);
    session.beginEpoch(epoch, this.#done);
    if (!(await this.#runSteps(epoch))) return false;
    await this.#expectFinite();
    const validation = session.validate();
    const record: EpochRecord = {
      epoch,
      step: this.#stepCount,
      train: session.trainMeasures(),
      ...(validation === undefined ? {} : { validation }),
      learningRate: session.learningRateAt(epoch, session.stepsPerEpoch - 1),
      seconds: this.#seconds(),
    };
    this.#epochs.push(record);
    this.#done = 0;
    this.#reported = nothingReported;
    const weights = () => session.weights();
    const isBest = this.#best.see(record, weights);
    await this.#session.options.onEvent({ type: "epoch", ...record, isBest, weights });
    await this.#pacer.rest();
    return true;
  }

  async #runSteps(epoch: number): Promise<boolean> {
    const { stepsPerEpoch } = this.#session;
    const { eventSteps, signal } = this.#session.options;
    while (this.#done < stepsPerEpoch) {
      if (signal?.aborted) return false;
      const done = this.#done;
      const ready = await this.#session.prepare(epoch, done);
      const untilEvent = eventSteps > 0 ? eventSteps - (done % eventSteps) : stepsPerEpoch;
      const count = Math.min(this.#pacer.batch, untilEvent, ready);
      const before = performance.now();
      for (const _ of this.#session.steps(epoch, done, count)) {
        await this.#pacer.rest();
        if (signal?.aborted) return false;
      }
      this.#pacer.took(count, performance.now() - before);
      this.#done += count;
      this.#stepCount += count;
      if (eventSteps > 0 && this.#done % eventSteps === 0) await this.#reportStep(epoch);
      if (this.#done < stepsPerEpoch) await this.#saveIfDue();
      await this.#pacer.rest();
    }
    return !signal?.aborted;
  }

  async #reportStep(epoch: number): Promise<void> {
    await this.#expectFinite();
    const { loss, weight } = this.#session.sums();
    const added = weight - this.#reported.weight;
    const lossAdded = loss - this.#reported.loss;
    this.#reported = { weight, loss };
    await this.#session.options.onEvent({
      type: "step",
      epoch,
      step: this.#stepCount,
      loss: added === 0 ? 0 : lossAdded / added,
      learningRate: this.#session.learningRateAt(epoch, this.#done - 1),
    });
  }

  async #saveIfDue(): Promise<void> {
    if (this.#saves?.isDue(this.#epochs.length)) await this.#save();
  }

  /** Saves the state, unless the run is broken: that is found out later. */
  async #save(): Promise<void> {
    if (this.#saves === undefined || this.#session.brokenStep() > 0) return;
    await this.#saves.save({
      epoch: this.#epochs.length,
      stepInEpoch: this.#done,
      steps: this.#stepCount,
      seconds: this.#seconds(),
      records: [...this.#epochs],
      best: this.#best.state(),
      reported: this.#reported,
    });
  }

  /** Keeps the state before an epoch now and then, to go back to when the loss breaks. */
  #keepAnchor(epoch: number): void {
    const now = performance.now();
    if (now - this.#anchor.at < anchorInterval) return;
    this.#anchor = { snapshot: this.#session.snapshot(), epoch, done: this.#done, at: now };
  }

  /** @throws NumericalError when a loss was not finite, which says where and why */
  async #expectFinite(): Promise<void> {
    const broken = this.#session.brokenStep();
    if (broken === 0) return;
    const { explainBreakdown } = await import("./diagnose.ts");
    throw await explainBreakdown(this.#net, this.#session, this.#anchor, broken);
  }

  #seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }
}
