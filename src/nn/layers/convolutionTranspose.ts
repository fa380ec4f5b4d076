/** Transposed convolutions, which spread each element over a window, channels last. */

import type { PerAxis, Tensor } from "../../tensor/index.ts";
import { UsageError } from "../../util/index.ts";
import { defineLayer, type Layer } from "../layer.ts";
import { convolveGroups, type KernelOptions, kernelSpecs } from "./kernels.ts";
import { lastChannels, padSpatial, perAxis } from "./window.ts";

export interface TransposedConvolutionOptions extends KernelOptions {
  readonly kernel: PerAxis;
  /** Elements from one window to the next in the result; default 1. */
  readonly stride?: PerAxis;
  /** Elements taken off both ends of each spatial axis of the result; default 0. */
  readonly padding?: PerAxis;
  /** Elements added at the end of each spatial axis of the result; default 0. */
  readonly outputPadding?: PerAxis;
  /** Distance of neighbours in a window; default 1. */
  readonly dilation?: PerAxis;
}

function transposedLayer(kind: string, rank: number) {
  return defineLayer({
    name: kind,
    parameters: ({ input }, options: TransposedConvolutionOptions) => {
      const channels = lastChannels(kind, rank, input);
      const kernel = perAxis(kind, "kernel", options.kernel, rank);
      return kernelSpecs(kind, channels, kernel, options, { transposed: true });
    },
    forward: ({ weight, bias }, x, { options }) => {
      const { groups } = options;
      const dilation = perAxis(kind, "dilation", options.dilation ?? 1, rank);
      const around = spreadOut(kind, x, dilation, options);
      const mirrored = weight.flip(dilation.map((_, axis) => axis));
      const product = convolveGroups(around, mirrored, { groups, axis: rank }, (part, kernels) =>
        part.convolve(kernels, { dilation }),
      );
      return bias === undefined ? product : product.add(bias);
    },
  });
}

/** x with stride − 1 zeros between its elements and as many around it as windows reach beyond. */
function spreadOut(
  kind: string,
  x: Tensor,
  dilation: readonly number[],
  options: TransposedConvolutionOptions,
): Tensor {
  const rank = dilation.length;
  const kernel = perAxis(kind, "kernel", options.kernel, rank);
  const stride = perAxis(kind, "stride", options.stride ?? 1, rank);
  const padding = perAxis(kind, "padding", options.padding ?? 0, rank, 0);
  const added = perAxis(kind, "outputPadding", options.outputPadding ?? 0, rank, 0);
  added.forEach((width, axis) => {
    if (width < Math.max(stride[axis], dilation[axis])) return;
    throw new UsageError(
      `Layer "${kind}": expected outputPadding below the stride or the dilation, got ${width}.`,
    );
  });
  const low = kernel.map((length, axis) => dilation[axis] * (length - 1) - padding[axis]);
  const high = low.map((width, axis) => width + added[axis]);
  const outside = (widths: readonly number[]) => widths.map((width) => Math.max(0, width));
  const between = stride.map((step) => step - 1);
  const padded = padSpatial(x, outside(low), outside(high), { between });
  // More is taken off than a window reaches: cut into x itself.
  return padded.slice(
    null,
    ...low.map((width, axis) => {
      const length = padded.shape[axis + 1];
      return [Math.max(0, -width), length + Math.min(0, high[axis])] as const;
    }),
  );
}

export const convTranspose1dLayer = transposedLayer("convTranspose1d", 1);
export const convTranspose2dLayer = transposedLayer("convTranspose2d", 2);

/** The transpose of a convolution: y[i·stride + k·dilation − padding, o] sums x[i, c] · W[k, c, o], plus
 * b[o], with W [kernel, channels, out / groups], b [out]: x [batch, length, channels] → [batch,
 * (length − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1, out].
 *
 * @throws ShapeError when samples are not [length, channels]; UsageError for options out of range.
 */
export function convTranspose1d(
  channels: number,
  kernel: PerAxis,
  options: Omit<TransposedConvolutionOptions, "channels" | "kernel"> = {},
): Layer {
  return convTranspose1dLayer({ channels, kernel, ...options });
}

/** The transpose of a convolution of images, as `convTranspose1d` along both axes: W [height, width,
 * channels, out / groups], b [out], x [batch, height, width, channels] → [batch, height′, width′, out].
 *
 * @throws ShapeError when samples are not [height, width, channels]; UsageError for options out of range.
 * @example
 * layers.convTranspose2d(8, 2, { stride: 2 }); // 7 x 7 → 14 x 14
 */
export function convTranspose2d(
  channels: number,
  kernel: PerAxis,
  options: Omit<TransposedConvolutionOptions, "channels" | "kernel"> = {},
): Layer {
  return convTranspose2dLayer({ channels, kernel, ...options });
}
