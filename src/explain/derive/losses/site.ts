/** Where a loss stands in a network, and what every loss has to say about itself. */

import { type Node, type Shape, sizeOf } from "../../../ir/index.ts";
import {
  type Expression,
  fraction,
  type Index,
  type MathSymbol,
  type NumberArray,
  number,
} from "../../math/index.ts";
import type { ExplainedLoss } from "../../model.ts";
import type { Words } from "../../words.ts";
import type { Line } from "../derivation.ts";
import { elementIndices } from "../operations/structure.ts";
import { type InputGradient, unit } from "../site.ts";

/** Where a loss stands: what the network gives, and what it should give. */
export interface LossSite {
  readonly loss: ExplainedLoss;
  /** C. */
  readonly value: MathSymbol;
  /** z or a of the last layer. */
  readonly prediction: MathSymbol;
  readonly target: MathSymbol;
  /** Label of the last layer. */
  readonly label: string;
  /** Whether the last layer has no activation, so that a is free for what the loss makes of z. */
  readonly isLinear: boolean;
  readonly batch: number | undefined;
  readonly outputShape: Shape;
}

export interface LossEquations {
  readonly title: Words;
  readonly quantities: readonly MathSymbol[];
  readonly forward: readonly Line[];
  /** ∂C/∂prediction. */
  readonly gradient: InputGradient;
  readonly constants?: ReadonlyMap<string, NumberArray>;
  readonly observed?: ReadonlyMap<string, Node>;
  readonly known?: ReadonlyMap<Node, MathSymbol>;
}

/** 1/N for means over N samples. */
export function perSample({ batch, loss }: LossSite): Expression {
  return batch === undefined || loss.reduction === "sum" ? number(1) : fraction(1, batch);
}

/** The factor of a mean over samples and outputs, times `factor`. */
export function meanFactor(site: LossSite, factor = 1): Expression {
  if (site.loss.reduction === "sum") return number(factor);
  return fraction(factor, sizeOf(site.prediction.shape));
}

/** One index for each output. */
export function valueIndices(site: LossSite): readonly Index[] {
  return site.outputShape.length === 1
    ? [unit("k", site.outputShape[0])]
    : elementIndices(site.outputShape);
}
