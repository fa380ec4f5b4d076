/** The options of training and their checks. */

import type { Backend } from "../backend/index.ts";
import { defaultBackend } from "../backend/index.ts";
import type { Augmentation, Dataset, Transform } from "../data/index.ts";
import type { Loss, Network } from "../nn/index.ts";
import { checkSamples, defaultLoss } from "../nn/index.ts";
import {
  type EvaluatingOptimizer,
  isEvaluating,
  type LearningRate,
  type Optimizer,
  optimizers,
  type Schedule,
  type StepPosition,
} from "../optim/index.ts";
import { UsageError } from "../util/index.ts";
import type { CheckpointOptions } from "./checkpoint.ts";
import type { Chunks } from "./chunks.ts";
import type { OpenEvaluator } from "./evaluator.ts";
import type { TrainEvent } from "./events.ts";
import { isLarge } from "./large.ts";
import type { TrainingState } from "./state.ts";

/** When to stop before the last epoch. */
export interface EarlyStopping {
  /** The measure to watch, of the validation set if there is one, else of the training set; default loss. */
  readonly monitor?: "loss" | "accuracy";
  /** Epochs without a better value after which training stops; default 10. */
  readonly patience?: number;
  /** A value is better only when it differs by more than this; default 0. */
  readonly minDelta?: number;
  /** Whether the network ends with its best parameters instead of its last; default true. */
  readonly restoreBest?: boolean;
}

export interface TrainOptions {
  /** Default: cross-entropy for class labels, else mean squared error. */
  readonly loss?: Loss;
  /** Default: Adam with learning rate 0.001. An optimizer that evaluates several points a step (lbfgs)
   * takes all rows, one step an epoch, and ends the run when it has converged. */
  readonly optimizer?: Optimizer | EvaluatingOptimizer;
  /** Default 10. */
  readonly epochs?: number;
  /** Rows a step; the last step of an epoch takes what is left. Default 32; more than the rows there are
   * means all of them. */
  readonly batchSize?: number;
  /** Measured after every epoch; never trained on. */
  readonly validation?: Dataset;
  /** Whether each epoch has its own order of rows; default true. */
  readonly shuffle?: boolean;
  /** For orders of rows and random layers; default the network's. */
  readonly seed?: number;
  readonly backend?: Backend;
  readonly earlyStopping?: EarlyStopping;
  /** The learning rate of each step, one of `schedules` or any function; default the optimizer's. */
  readonly learningRate?: LearningRate;
  /** Weight of each class in the loss, or "balanced": rows / (classes · rows of the class). */
  readonly classWeights?: readonly number[] | "balanced";
  /** Stops the run; it then resolves with the parameters reached, reason "aborted". */
  readonly signal?: AbortSignal;
  /** Sees every event; training waits for what it returns. */
  readonly onEvent?: (event: TrainEvent) => void | Promise<void>;
  /** Steps between two step events; default none. */
  readonly eventSteps?: number;
  /** Random changes of the inputs of every epoch, computed beside training, or in a worker: see
   * `augmentInWorker` and `augmentInWebWorker`. The validation set stays as it is. */
  readonly augment?: readonly Transform[] | Augmentation;
  /** Saves the run's state now and then, to go on after an interruption. */
  readonly checkpoint?: CheckpointOptions;
  /** Goes on from a saved state, to the same bits as a run without interruption; everything but the
   * number of epochs must be as it was. */
  readonly resume?: TrainingState;
}

/** Options with every default filled in. */
export interface ResolvedOptions {
  readonly loss: Loss;
  readonly optimizer: Optimizer | EvaluatingOptimizer;
  readonly epochs: number;
  readonly batchSize: number;
  readonly validation: Dataset | undefined;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly backend: Backend;
  readonly earlyStopping: Required<EarlyStopping> | undefined;
  readonly learningRate: LearningRate;
  readonly classWeights: readonly number[] | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onEvent: (event: TrainEvent) => void | Promise<void>;
  readonly eventSteps: number;
  readonly augment: Augmentation | undefined;
  /** Where the rows come from when they are not all in the backend's memory. */
  readonly chunks: Chunks | undefined;
  /** Of an optimizer that runs beside the program. */
  readonly openEvaluator: OpenEvaluator | undefined;
  readonly checkpoint: CheckpointOptions | undefined;
  readonly resume: TrainingState | undefined;
}

/** Options with every default, and with what only runs that use it load: the evaluator of an evaluating
 * optimizer, the augmentation, the weights of classes, the chunks of a dataset that is augmented or large.
 * @throws UsageError, ShapeError, DataError for options or data that do not fit. */
export async function loadOptions(
  net: Network,
  data: Dataset,
  options: TrainOptions,
): Promise<ResolvedOptions> {
  const resolved = resolveOptions(net, data, options);
  const { optimizer } = resolved;
  const { augment, classWeights } = options;
  const weighting = classWeights && (await import("./classWeights.ts"));
  const augmented = augment && (await import("./augmented.ts"));
  const whole = {
    ...resolved,
    augment: augmented?.resolveAugmentation(augment!, data, optimizer),
    classWeights: weighting?.resolveClassWeights(classWeights!, data),
  };
  if (isEvaluating(optimizer)) {
    const { evaluatorOf } = await import("./evaluator.ts");
    return { ...whole, openEvaluator: await evaluatorOf(optimizer) };
  }
  if (augment === undefined && !isLarge(data)) return whole;
  const { Chunks } = await import("./chunks.ts");
  return { ...whole, chunks: new Chunks(data, whole) };
}

/** The optimizer's own rate throughout: what the schedule `constant` gives unless told, under its name but
 * without its code. */
const ownRate: Schedule = Object.assign(({ base }: StepPosition) => base, {
  kind: "constant",
  options: { factor: 1, unit: "epoch" },
});

/** The options of plain runs, which load nothing: their rows fit into memory as they are and count alike, and
 * their optimizer takes one gradient a step.
 * @throws UsageError, ShapeError, DataError for options or data that do not fit. */
export function resolveOptions(
  net: Network,
  data: Dataset,
  options: TrainOptions,
): ResolvedOptions {
  const { epochs = 10, validation, earlyStopping, eventSteps = 0 } = options;
  const { optimizer = optimizers.adam() } = options;
  const batchSize = options.batchSize ?? (isEvaluating(optimizer) ? data.length : 32);
  expectCount("epochs", epochs, 0);
  expectCount("batchSize", batchSize, 1);
  expectCount("eventSteps", eventSteps, 0);
  if (isEvaluating(optimizer) && batchSize < data.length) {
    throw new UsageError(
      `train: optimizer ${optimizer.kind} takes all ${data.length} rows in each step, got ` +
        `batchSize ${batchSize}; leave batchSize out, or choose another optimizer.`,
    );
  }
  const loss = options.loss ?? defaultLoss(data);
  checkSamples(net, data, loss);
  if (validation !== undefined) {
    checkSamples(net, validation, loss);
    if (validation.task !== data.task) {
      throw new UsageError(
        `train: the training set is for ${data.task}, the validation set for ${validation.task}.`,
      );
    }
  }
  return {
    loss,
    optimizer,
    epochs,
    batchSize: Math.min(batchSize, data.length),
    validation,
    shuffle: options.shuffle ?? true,
    seed: options.seed ?? net.seed,
    backend: options.backend ?? defaultBackend(),
    earlyStopping: earlyStopping && resolveEarlyStopping(earlyStopping, data),
    learningRate: options.learningRate ?? ownRate,
    classWeights: undefined,
    signal: options.signal,
    onEvent: options.onEvent ?? (() => {}),
    eventSteps,
    augment: undefined,
    chunks: undefined,
    openEvaluator: undefined,
    checkpoint: options.checkpoint,
    resume: options.resume,
  };
}

function expectCount(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new UsageError(`train: expected ${name} to be an integer from ${least}, got ${value}.`);
  }
}

function resolveEarlyStopping(options: EarlyStopping, data: Dataset): Required<EarlyStopping> {
  const { monitor = "loss", patience = 10, minDelta = 0, restoreBest = true } = options;
  expectCount("earlyStopping.patience", patience, 1);
  if (monitor === "accuracy" && data.task !== "classification") {
    throw new UsageError(
      'train: earlyStopping cannot monitor accuracy without class labels; use monitor: "loss".',
    );
  }
  return { monitor, patience, minDelta, restoreBest };
}
