/** What a report is made from: one run as plain data. */

import type {
  DecisionBoundaryData,
  EpochRecord,
  PredictedVersusTrueData,
  RocCurvesData,
} from "../figures/index.ts";

/** Everything a report shows; all of it can be written as JSON. */
export interface ReportData {
  /** The heading: "Iris flowers". */
  readonly title: string;
  /** The run's own name: "iris-seed1". */
  readonly name: string;
  /** The program and its version: "chainrule 0.1.0". */
  readonly createdBy: string;
  /** When the run began, in any wording; left out unless given. */
  readonly createdAt?: string;
  readonly seed: number;
  /** The resolved configuration, any JSON value. */
  readonly config: unknown;
  /** The command line that repeats the run. */
  readonly command: string;
  readonly network: ReportNetwork;
  readonly dataset: ReportDataset;
  /** One record an epoch, in order. */
  readonly epochs: readonly EpochRecord[];
  /** Results on the test examples, which training never saw. */
  readonly test?: ReportTest;
  /** `counts[actual][predicted]` on the test examples. */
  readonly confusion?: readonly (readonly number[])[];
  readonly perClass?: readonly ReportClass[];
  readonly roc?: RocCurvesData;
  readonly decisionBoundary?: DecisionBoundaryData;
  /** For regression: test examples and what was predicted for them. */
  readonly predictions?: PredictedVersusTrueData;
  /** A few wrongly classified examples, the most instructive first. */
  readonly mistakes?: readonly ReportMistake[];
  readonly timings: { readonly seconds: number; readonly steps: number };
  readonly environment: ReportEnvironment;
}

/** The layers as `net.summary()` lists them. */
export interface ReportNetwork {
  readonly layers: readonly {
    readonly layer: string;
    /** In any wording: "[batch, 11]". */
    readonly outputShape: string;
    readonly parameters: number;
  }[];
}

/** What was learned from. */
export interface ReportDataset {
  readonly name: string;
  /** One or two sentences, or the source to cite. */
  readonly description?: string;
  readonly rows: number;
  readonly features: number;
  readonly featureNames?: readonly string[];
  /** Given for classification, left out for regression. */
  readonly classNames?: readonly string[];
  /** Name of what is predicted. */
  readonly target?: string;
  readonly splits: readonly { readonly name: string; readonly rows: number }[];
}

/** Final results on the test examples. */
export interface ReportTest {
  readonly loss: number;
  /** Share of right answers, 0 to 1; left out for regression. */
  readonly accuracy?: number;
  /** How many examples were tested; from the split "test" or the confusion matrix unless given. */
  readonly rows?: number;
}

/** Scores of one class; `null` where nothing was counted. */
export interface ReportClass {
  readonly name: string;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** Test examples of this class. */
  readonly support: number;
}

/** An example that the network got wrong. */
export interface ReportMistake {
  /** Row in the test set. */
  readonly index: number;
  readonly actual: string;
  readonly predicted: string;
  /** Probability given to the wrong answer. */
  readonly confidence?: number;
  readonly features?: readonly { readonly name: string; readonly value: number | string }[];
  /** A grey picture: 0 is paper, 1 is ink; row by row from the top. */
  readonly image?: {
    readonly width: number;
    readonly height: number;
    readonly pixels: ArrayLike<number>;
  };
}

/** Where the run ran; further entries are shown as they are. */
export interface ReportEnvironment {
  readonly chainrule: string;
  readonly node: string;
  readonly backend: string;
  readonly dtype: string;
  readonly mode: string;
  readonly [name: string]: string;
}
