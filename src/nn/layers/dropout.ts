/** Dropout: random zeros while training. */

import type { FloatDType } from "../../ir/index.ts";
import { uniform } from "../../tensor/index.ts";
import { defineLayer, type Layer, type LayerContext } from "../layer.ts";
import { expectFraction } from "./expect.ts";

export interface DropoutOptions {
  /** The share of values that become 0. */
  readonly rate: number;
}

export const dropoutLayer = defineLayer({
  name: "dropout",
  forward: (_, x, { options, training, randomKey }: LayerContext & { options: DropoutOptions }) => {
    const { rate } = options;
    expectFraction("dropout", "rate", rate);
    if (!training || rate === 0) return x;
    const dtype = x.dtype as FloatDType;
    const isKept = uniform({ shape: x.shape, key: randomKey(), dtype }).ge(rate);
    return isKept.where(x.div(1 - rate), 0);
  },
});

/** While training, each value is 0 with probability `rate` and else divided by 1 − rate, so that its
 * mean stays; otherwise x itself. The masks depend on the seed, the step and the position only.
 * Srivastava et al., JMLR 15, 2014. */
export function dropout(rate = 0.5): Layer {
  return dropoutLayer({ rate });
}
