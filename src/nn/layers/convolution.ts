/** Convolutions over sequences and images, channels last. */

import { concatenate, type PerAxis, type Tensor } from "../../tensor/index.ts";
import { UsageError } from "../../util/index.ts";
import { defineLayer, type Layer } from "../layer.ts";
import { convolveGroups, type KernelOptions, kernelSpecs } from "./kernels.ts";
import { lastChannels, resolveWindow, tapsOf, type Window, type WindowOptions } from "./window.ts";

export interface ConvolutionOptions extends KernelOptions, WindowOptions {
  /** "im2col" gathers the windows as rows of a matrix and multiplies it by W: the same numbers up to
   * rounding, slower and with more memory, but one can look at the matrix. Default "direct". */
  readonly algorithm?: "direct" | "im2col";
}

function convolutionLayer(kind: string, rank: number) {
  return defineLayer({
    name: kind,
    parameters: ({ input }, options: ConvolutionOptions) => {
      const channels = lastChannels(kind, rank, input);
      const { kernel } = resolveWindow(kind, input, options);
      return kernelSpecs(kind, channels, kernel, options);
    },
    forward: ({ weight, bias }, x, { options }) => {
      const { groups = 1, algorithm = "direct" } = options;
      if (!Object.hasOwn(algorithms, algorithm)) {
        throw new UsageError(
          `Layer "${kind}": expected algorithm "direct" or "im2col", got "${algorithm}".`,
        );
      }
      const window = resolveWindow(kind, x.shape.slice(1), options);
      const isDepthwise = groups > 1 && groups === x.shape[rank + 1] && algorithm === "direct";
      const product = isDepthwise
        ? convolveDepthwise(x, weight, window)
        : convolveGroups(x, weight, { groups, axis: -1 }, (part, kernels) =>
            algorithms[algorithm](part, kernels, window),
          );
      return bias === undefined ? product : product.add(bias);
    },
  });
}

export const conv1dLayer = convolutionLayer("conv1d", 1);
export const conv2dLayer = convolutionLayer("conv2d", 2);

/** y[i, o] = Σₖ Σ꜀ x[i·stride + k·dilation − padding, c] · W[k, c, o] + b[o] with W [kernel, channels /
 * groups, out], b [out]: x [batch, length, channels] → [batch, windows, out].
 *
 * @throws ShapeError when samples are not [length, channels] or shorter than the kernel; UsageError for
 * options out of range.
 * @example
 * layers.conv1d(16, 3, { padding: "same", dilation: 2 });
 */
export function conv1d(
  channels: number,
  kernel: PerAxis,
  options: Omit<ConvolutionOptions, "channels" | "kernel"> = {},
): Layer {
  return conv1dLayer({ channels, kernel, ...options });
}

/** The convolution of images, as `conv1d` along both axes: W [height, width, channels / groups, out],
 * b [out], x [batch, height, width, channels] → [batch, windows, windows, out].
 *
 * @throws ShapeError when samples are not [height, width, channels] or smaller than the kernel;
 * UsageError for options out of range.
 * @example
 * layers.conv2d(6, 5);                                       // 28 x 28 → 24 x 24
 * layers.conv2d(32, [3, 5], { stride: 2, padding: "same" }); // 28 x 28 → 14 x 14
 */
export function conv2d(
  channels: number,
  kernel: PerAxis,
  options: Omit<ConvolutionOptions, "channels" | "kernel"> = {},
): Layer {
  return conv2dLayer({ channels, kernel, ...options });
}

/** The windows of x [batch, ...spatial, channels] as the rows of a matrix, [batch · windows, kernel ·
 * channels]. Multiplied by W as a matrix [kernel · channels, out] it gives the convolution. */
export function im2col(x: Tensor, options: WindowOptions): Tensor {
  const window = resolveWindow("im2col", x.shape.slice(1), options);
  return windowRows(x, window);
}

function windowRows(x: Tensor, window: Window): Tensor {
  const rows = concatenate(tapsOf(x, window), -1);
  return rows.reshape([-1, rows.shape[rows.rank - 1]]);
}

type Convolve = (x: Tensor, weight: Tensor, window: Window) => Tensor;

const algorithms: Readonly<Record<NonNullable<ConvolutionOptions["algorithm"]>, Convolve>> = {
  direct: (x, weight, { stride, dilation, low, high }) =>
    x.convolve(weight, {
      stride,
      dilation,
      padding: low.map((before, axis) => [before, high[axis]] as const),
    }),
  im2col: (x, weight, window) => {
    const out = weight.shape[weight.rank - 1];
    const product = windowRows(x, window).matmul(weight.reshape([-1, out]));
    return product.reshape([x.shape[0], ...window.counts, out]);
  },
};

/** Each channel with kernels of its own, W [...kernel, 1, out]: sums of products, place by place. */
function convolveDepthwise(x: Tensor, weight: Tensor, window: Window): Tensor {
  const channels = x.shape[x.rank - 1];
  const out = weight.shape[weight.rank - 1];
  const places = weight.reshape([-1, channels, out / channels]);
  const total = tapsOf(x, window)
    .map((tap, place) => tap.expandDims(-1).mul(places.slice(place)))
    .reduce((sum, product) => sum.add(product));
  return total.reshape([x.shape[0], ...window.counts, out]);
}
