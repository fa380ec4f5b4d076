/** Samples given by a user, checked against a network, in the forms that graphs and derivations need. */

import { type Shape, sizeOf } from "../ir/index.ts";
import { DataError, ShapeError, UsageError } from "../util/index.ts";
import type { Derivation } from "./derive/derivation.ts";
import { takesValues } from "./derive/losses/index.ts";
import type { NumberArray, Values } from "./math/index.ts";
import { type ExplainedLoss, type ExplainedNetwork, traceShape } from "./model.ts";

/** One sample, or rows of a batch. */
export interface ExplainedSamples {
  /** Values of one sample, or of all rows one after the other. */
  readonly x: ArrayLike<number>;
  /** A class, classes of the rows, or values shaped like the network's results. */
  readonly y: number | ArrayLike<number>;
  /** Default: online for one row, else batch. */
  readonly mode?: "online" | "batch";
}

/** Samples ready to be bound. */
export interface PreparedSamples {
  readonly rows: number;
  readonly mode: "online" | "batch";
  readonly x: Float64Array;
  /** As the traced graph takes it. */
  readonly y: Float64Array | Int32Array;
  readonly target: { readonly shape: Shape; readonly dtype: "float64" | "int32" };
  /** What a derivation's equations start from. */
  given(derivation: Derivation, weights: ReadonlyMap<string, NumberArray>): Values;
}

/** Checks samples against a network and a loss.
 * @throws ShapeError for inputs that are not whole rows; DataError for targets that do not fit */
export function samplesOf(
  network: Pick<ExplainedNetwork, "input" | "layers">,
  loss: ExplainedLoss,
  { x, y, mode }: ExplainedSamples,
): PreparedSamples {
  const width = sizeOf(network.input);
  if (x.length === 0 || x.length % width !== 0) {
    throw new ShapeError(
      `explain: expected samples of shape [${network.input.join(", ")}], ${width} values each, ` +
        `got ${x.length} values.`,
    );
  }
  const rows = x.length / width;
  const used = mode ?? (rows === 1 ? "online" : "batch");
  if (used === "online" && rows !== 1) {
    throw new UsageError(
      `explain: mode "online" explains one sample, got ${rows}; choose one, or mode "batch".`,
    );
  }
  const outputShape = network.layers.reduce<Shape>(
    (shape, layer) => traceShape(layer, shape, false).shape,
    network.input,
  );
  const results = sizeOf(outputShape);
  const given = typeof y === "number" ? [y] : Array.from(y);
  const areLabels = given.length === rows && (results !== 1 || !takesValues(loss));
  const takesRows = takesValues(loss);
  if (!areLabels && given.length !== rows * results) {
    throw new DataError(
      `explain: expected ${rows} class${rows === 1 ? "" : "es"}, or ${rows * results} target values ` +
        `of shape [${[rows, ...outputShape].join(", ")}], got ${given.length}.`,
    );
  }
  if (areLabels) {
    const bad = given.find((label) => !(Number.isInteger(label) && label >= 0 && label < results));
    if (bad !== undefined) {
      throw new DataError(`explain: expected classes from 0 to ${results - 1}, got ${bad}.`);
    }
  }
  const values = areLabels && takesRows ? oneHot(given, results) : Float64Array.from(given);
  const isIndex = areLabels && !takesRows;
  const full = rows * results;
  const inputs = Float64Array.from(x);
  return {
    rows,
    mode: used,
    x: inputs,
    y: isIndex ? Int32Array.from(given) : values,
    target: {
      shape: isIndex && values.length !== full ? [rows] : [rows, ...outputShape],
      dtype: isIndex ? "int32" : "float64",
    },
    given: (derivation, weights) =>
      new Map<string, NumberArray>([
        ...weights,
        ["x", { shape: derivation.input.shape, data: inputs }],
        ["y", { shape: derivation.target.shape, data: values }],
      ]),
  };
}

function oneHot(classes: readonly number[], width: number): Float64Array {
  const data = new Float64Array(classes.length * width);
  classes.forEach((label, row) => {
    data[row * width + label] = 1;
  });
  return data;
}
