/** Training that keeps what it sees: metrics as they come, and the best and the last weights. */

import { transformsOf } from "../../config/index.ts";
import { augmentInWorker } from "../../data/index.node.ts";
import type { TensorData } from "../../ir/index.ts";
import { saveCheckpoint } from "../../train/index.node.ts";
import {
  type CheckpointOptions,
  type History,
  type TrainEvent,
  type TrainingState,
  train,
} from "../../train/index.ts";
import type { PreparedRun } from "./prepare.ts";
import type { RunFolder } from "./runFolder.ts";

/** Parameters by path. */
type Weights = ReadonlyMap<string, TensorData>;

export interface TrainingOptions {
  readonly signal: AbortSignal;
  /** Steps between two step events; 0 for none. */
  readonly eventSteps: number;
  /** Between two saves of the state. */
  readonly every: CheckpointOptions["every"];
  /** The state to go on from. */
  readonly resume?: TrainingState;
  onEvent(event: TrainEvent): void;
}

/** Trains, writes a line of metrics an epoch, saves the state now and then, and the weights as soon as
 * training ends.
 *
 * The network then holds the weights to test: the best ones when early stopping restores them, else
 * the last ones. An abort ends the training early and loses nothing.
 */
export async function trainInto(
  folder: RunFolder,
  { config, rows, model, optimizer, schedule }: PreparedRun,
  { signal, eventSteps, every, resume, onEvent }: TrainingOptions,
): Promise<History> {
  const { net, loss, backend } = model;
  const { epochs, batchSize, shuffle, seed, earlyStopping, classWeights, augment } = config;
  const isRestoring = earlyStopping?.restoreBest ?? false;
  let best: Weights | undefined = resume?.best.weights;
  let last: Weights | undefined;
  const history = await train(net, rows.ready.train, {
    loss,
    optimizer,
    epochs,
    batchSize,
    shuffle,
    seed,
    backend,
    signal,
    eventSteps,
    checkpoint: { every, save: (state) => saveCheckpoint(folder.file("checkpoint"), state) },
    ...(resume && { resume }),
    ...(rows.ready.validation && { validation: rows.ready.validation }),
    ...(schedule && { learningRate: schedule }),
    ...(earlyStopping && { earlyStopping }),
    ...(classWeights && { classWeights }),
    ...(augment && { augment: augmentInWorker(transformsOf(augment), { fill: augment.fill }) }),
    onEvent: (event) => {
      if (event.type === "epoch") {
        const { type: _, weights, ...record } = event;
        if (event.isBest) best = weights();
        if (isRestoring) last = weights();
        folder.appendMetrics(record);
      }
      onEvent(event);
    },
  });
  const tested = net.weights;
  net.setWeights(last ?? tested);
  await folder.saveNetwork("last", net);
  net.setWeights(best ?? tested);
  await folder.saveNetwork("best", net);
  net.setWeights(tested);
  return history;
}
