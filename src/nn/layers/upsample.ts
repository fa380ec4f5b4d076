/** Upsampling: sequences and images made longer along their spatial axes. */

import type { FloatDType } from "../../ir/index.ts";
import { type PerAxis, type Tensor, tensor } from "../../tensor/index.ts";
import { ShapeError, UsageError } from "../../util/index.ts";
import { defineLayer, type Layer, type LayerContext } from "../layer.ts";
import { formatBatch } from "../outputShape.ts";
import { alongAxis, perAxis } from "./window.ts";

export interface UpsampleOptions {
  /** How many times as long each spatial axis becomes. */
  readonly factor: PerAxis;
  /** "nearest" repeats elements; "linear" interpolates along each axis (images: bilinear) between the
   * elements' middles. Default "nearest". */
  readonly mode?: "nearest" | "linear";
}

export const upsampleLayer = defineLayer({
  name: "upsample",
  forward: (_, x, { options }: LayerContext & { options: UpsampleOptions }) => {
    const { factor, mode = "nearest" } = options;
    if (x.rank < 3) {
      throw new ShapeError(
        `Layer "upsample": expected input [batch, ...spatial, channels], got ` +
          `${formatBatch(x.shape.slice(1))}; add layers.reshape(...) before it.`,
      );
    }
    const along = ways[mode];
    if (along === undefined) {
      throw new UsageError(`Layer "upsample": expected mode "nearest" or "linear", got "${mode}".`);
    }
    const factors = perAxis("upsample", "factor", factor, x.rank - 2);
    return factors.reduce((y, times, axis) => (times === 1 ? y : along(y, times, axis + 1)), x);
  },
});

const ways: Readonly<Record<string, (x: Tensor, times: number, axis: number) => Tensor>> = {
  nearest: (x, times, axis) => x.repeat(times, axis),
  linear: (x, times, axis) =>
    alongAxis(
      x,
      axis,
      tensor(interpolation(x.shape[axis], times), { dtype: x.dtype as FloatDType }),
    ),
};

/** Row i weighs the two elements around the place (i + ½)/times − ½; beyond the ends, the end. */
function interpolation(length: number, times: number): number[][] {
  return Array.from({ length: length * times }, (_, i) => {
    const place = Math.min(Math.max((i + 0.5) / times - 0.5, 0), length - 1);
    const before = Math.floor(place);
    return Array.from({ length }, (_, j) => {
      if (j === before) return 1 - (place - before);
      return j === before + 1 ? place - before : 0;
    });
  });
}

/** x [batch, ...spatial, channels] with spatial axes `factor` times as long.
 *
 * @example
 * layers.upsample(2, { mode: "linear" }); // 7 x 7 → 14 x 14
 */
export function upsample(factor: PerAxis, options: Omit<UpsampleOptions, "factor"> = {}): Layer {
  return upsampleLayer({ factor, ...options });
}
