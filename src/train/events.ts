/** The typed event stream of a training run; progress bars, histories and reports are its subscribers. */

import type { TensorData } from "../ir/index.ts";
import type { Measures } from "../nn/index.ts";

/** Before the first step. */
export interface StartEvent {
  readonly type: "start";
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  /** Steps done before: 0 but for a run that goes on. */
  readonly stepsDone: number;
  /** Rows of the training set. */
  readonly samples: number;
  /** Values in all parameters. */
  readonly parameters: number;
  readonly backend: string;
}

/** After every `eventSteps` steps. */
export interface StepEvent {
  readonly type: "step";
  readonly epoch: number;
  /** Steps so far, all epochs together. */
  readonly step: number;
  /** Mean loss of the rows since the last event of this epoch. */
  readonly loss: number;
  readonly learningRate: number;
}

/** One line of a run's history. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Steps so far, all epochs together. */
  readonly step: number;
  /** Means over the rows of the epoch, each taken before the step that it was part of. */
  readonly train: Measures;
  /** Means over the validation set, after the epoch. */
  readonly validation?: Measures;
  /** Of the last step. */
  readonly learningRate: number;
  /** Since the start. */
  readonly seconds: number;
}

/** After every epoch. */
export interface EpochEvent extends EpochRecord {
  readonly type: "epoch";
  /** Whether the monitored measure is the best so far. */
  readonly isBest: boolean;
  /** The present values of the parameters by path; copied when called. */
  readonly weights: () => ReadonlyMap<string, TensorData>;
}

/** Why a run ended. */
export type EndReason = "finished" | "stopped early" | "converged" | "aborted";

/** After the last epoch, when the network holds its final parameters. */
export interface EndEvent {
  readonly type: "end";
  readonly reason: EndReason;
  /** Whole epochs done. */
  readonly epochs: number;
  readonly steps: number;
  readonly seconds: number;
  /** The epoch with the best monitored measure; 0 before the first. */
  readonly bestEpoch: number;
}

export type TrainEvent = StartEvent | StepEvent | EpochEvent | EndEvent;

/** What a run leaves behind. */
export interface History {
  readonly epochs: readonly EpochRecord[];
  readonly reason: EndReason;
  readonly steps: number;
  readonly seconds: number;
  readonly bestEpoch: number;
}
