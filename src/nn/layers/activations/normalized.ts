/** Activations over a whole row: softmax, logSoftmax, gumbelSoftmax, maxout. */

import type { FloatDType } from "../../../ir/index.ts";
import { uniform } from "../../../tensor/index.ts";
import { ShapeError, UsageError } from "../../../util/index.ts";
import { defineLayer, type Layer, type LayerContext } from "../../layer.ts";
import { formatBatch } from "../../outputShape.ts";
import { expectWhole } from "../expect.ts";

export const softmaxLayer = defineLayer({ name: "softmax", forward: (_, x) => x.softmax(-1) });

/** eˣⁱ / Σⱼ eˣʲ along the last axis. For training, `losses.crossEntropy()` takes the logits instead. */
export function softmax(): Layer {
  return softmaxLayer({});
}

export const logSoftmaxLayer = defineLayer({
  name: "logSoftmax",
  forward: (_, x) => x.logSoftmax(-1),
});

/** xᵢ − log Σⱼ eˣʲ along the last axis; `losses.nll()` takes it. */
export function logSoftmax(): Layer {
  return logSoftmaxLayer({});
}

export interface GumbelSoftmaxOptions {
  /** τ: the smaller, the closer to one-hot; default 1. */
  readonly temperature?: number;
  /** Whether the result is one-hot, with the gradient of the soft one; default false. */
  readonly hard?: boolean;
}

export const gumbelSoftmaxLayer = defineLayer({
  name: "gumbelSoftmax",
  forward: (
    _,
    x,
    { options, training, randomKey }: LayerContext & { options: GumbelSoftmaxOptions },
  ) => {
    const { temperature = 1, hard = false } = options;
    if (!(temperature > 0)) {
      throw new UsageError(
        `Layer "gumbelSoftmax": expected a temperature above 0, got ${temperature}.`,
      );
    }
    const dtype = x.dtype as FloatDType;
    let noisy = x;
    if (training) {
      // Half a step of the generator's grid away from 0, so that both logarithms stay finite.
      const unit = uniform({ shape: x.shape, key: randomKey(), dtype })
        .add(2 ** -26)
        .minimum(1 - 2 ** -24);
      noisy = x.sub(unit.log().neg().log());
    }
    const soft = noisy.div(temperature).softmax(-1);
    if (!hard) return soft;
    const oneHot = soft.argMax(-1).oneHot(x.shape[x.rank - 1], { dtype });
    return oneHot.detach().add(soft.sub(soft.detach()));
  },
});

/** softmax((x + g) / τ) along the last axis with Gumbel noise g while training: samples of classes that
 * gradients pass through. Without noise otherwise. Jang, Gu, Poole, ICLR 2017; Maddison et al., 2017. */
export function gumbelSoftmax(options: GumbelSoftmaxOptions = {}): Layer {
  return gumbelSoftmaxLayer(options);
}

export const maxoutLayer = defineLayer({
  name: "maxout",
  forward: (_, x, { options: { pieces } }: { options: { readonly pieces: number } }) => {
    expectWhole("maxout", "pieces", pieces, 2);
    const width = x.shape[x.rank - 1];
    if (x.rank < 2 || width % pieces !== 0) {
      throw new ShapeError(
        `Layer "maxout": expected a last axis that ${pieces} divides, got ` +
          `${formatBatch(x.shape.slice(1))}.`,
      );
    }
    return x.reshape([...x.shape.slice(0, -1), width / pieces, pieces]).max(-1);
  },
});

/** The largest of each group of `pieces` neighbours: [batch, ..., n] → [batch, ..., n / pieces]. After
 * `linear(units · pieces)` it is a maxout layer of `units`. Goodfellow et al., ICML 2013. */
export function maxout(pieces = 2): Layer {
  return maxoutLayer({ pieces });
}
