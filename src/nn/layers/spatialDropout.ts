/** Spatial dropout: random channels become zero while training. */

import type { FloatDType } from "../../ir/index.ts";
import { uniform } from "../../tensor/index.ts";
import { defineLayer, type Layer, type LayerContext } from "../layer.ts";
import type { DropoutOptions } from "./dropout.ts";
import { expectFraction } from "./expect.ts";

export const spatialDropoutLayer = defineLayer({
  name: "spatialDropout",
  forward: (_, x, { options, training, randomKey }: LayerContext & { options: DropoutOptions }) => {
    const { rate } = options;
    expectFraction("spatialDropout", "rate", rate);
    if (!training || rate === 0) return x;
    const shape = x.shape.map((length, axis) => (axis === 0 || axis === x.rank - 1 ? length : 1));
    const isKept = uniform({ shape, key: randomKey(), dtype: x.dtype as FloatDType }).ge(rate);
    return isKept.where(x.div(1 - rate), 0);
  },
});

/** While training, each channel of each sample is 0 everywhere with probability `rate` and else divided
 * by 1 − rate: neighbouring elements of an image are too alike to drop one by one. The masks depend on
 * the seed, the step, the sample's place in its batch and the channel only. Tompson et al., CVPR 2015. */
export function spatialDropout(rate = 0.5): Layer {
  return spatialDropoutLayer({ rate });
}
