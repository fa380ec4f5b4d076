/** A loss of one's own: its minimum is not the mean but a quantile of the targets. */

import { defineLoss } from "../../src/index.ts";

export const quantile = (q: number) =>
  defineLoss({
    name: "quantile",
    options: { q },
    perSample: (prediction, target) => {
      const short = target.reshape(prediction.shape).sub(prediction);
      return short
        .mul(q)
        .maximum(short.mul(q - 1))
        .mean(-1); // [batch]
    },
  });
