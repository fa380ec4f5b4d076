/** Several losses at once, for networks with several outputs. */

import { type Shape, sizeOf } from "../../ir/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { ShapeError } from "../../util/index.ts";
import { defineLoss, type Loss } from "./loss.ts";

/** One output of a network, with its part of the target. */
export interface OutputLoss {
  readonly loss: Loss;
  /** Shape of the output. */
  readonly output: Shape;
  /** Shape of its target; default that of the output. */
  readonly target?: Shape;
  /** Default 1. */
  readonly weight?: number;
}

/** Σ weight·loss over the outputs of a `graph`, in their order. Outputs and targets are rows in which the
 * values of each lie one after the other; a class is one-hot there.
 *
 * @example
 * losses.combined([
 *   { loss: losses.mse(), output: [1] },
 *   { loss: losses.crossEntropy(), output: [3], weight: 0.5 },
 * ]);
 */
export function combined(parts: readonly OutputLoss[]): Loss {
  const outputs = parts.map(({ output }) => output);
  const targets = parts.map(({ output, target = output }) => target);
  return defineLoss({
    name: "combined",
    options: {
      parts: parts.map(({ loss, ...rest }) => ({
        ...rest,
        loss: { kind: loss.kind, options: loss.options },
      })),
    },
    perSample: (prediction, target) => {
      const values = cut(prediction, outputs, "outputs");
      const expected = cut(target, targets, "targets");
      const terms = parts.map(({ loss, weight = 1 }, i) =>
        loss.perSample(values[i], expected[i]).mul(weight),
      );
      return terms.reduce((sum, term) => sum.add(term));
    },
  });
}

/** The parts of rows [batch, n]. */
function cut(rows: Tensor, shapes: readonly Shape[], what: string): Tensor[] {
  const sizes = shapes.map(sizeOf);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const batch = rows.shape[0];
  if (rows.size !== batch * total) {
    throw new ShapeError(
      `Loss "combined": expected ${total} values of ${what} a sample, got ${rows.size / batch}.`,
    );
  }
  return rows
    .reshape([batch, total])
    .split(sizes, 1)
    .map((part, i) => part.reshape([batch, ...shapes[i]]));
}
