/** Pooling: each window of a channel becomes its largest element or its mean. */

import { type FloatDType, sizeOf } from "../../ir/index.ts";
import { type PerAxis, type Tensor, tensor, where } from "../../tensor/index.ts";
import { UsageError } from "../../util/index.ts";
import { defineLayer, type Layer } from "../layer.ts";
import {
  alongAxis,
  lastChannels,
  type Padding,
  perAxis,
  resolveWindow,
  tapsOf,
  type Window,
} from "./window.ts";

export interface PoolingOptions {
  readonly kernel: PerAxis;
  /** Elements from one window to the next; the kernel's length by default, so that windows meet. */
  readonly stride?: PerAxis;
  /** At most half the kernel; default 0. */
  readonly padding?: Padding;
  /** Distance of neighbours in a window; default 1. */
  readonly dilation?: PerAxis;
}

export interface AveragePoolingOptions extends PoolingOptions {
  /** Whether padding counts as zeros in the means; default true, as in PyTorch (Keras: false). */
  readonly countPadding?: boolean;
}

function windowOf(kind: string, rank: number, x: Tensor, options: PoolingOptions): Window {
  const sample = x.shape.slice(1);
  lastChannels(kind, rank, sample);
  const window = resolveWindow(kind, sample, { stride: options.kernel, ...options });
  window.kernel.forEach((length, axis) => {
    if (2 * window.low[axis] <= length) return;
    throw new UsageError(
      `Layer "${kind}": expected padding of at most half the kernel of ${length}, got ` +
        `${window.low[axis]}.`,
    );
  });
  return window;
}

/** Whether the windows lie next to each other. */
function tiles({ kernel, stride, dilation, low, high }: Window): boolean {
  return kernel.every(
    (length, axis) =>
      stride[axis] === length &&
      dilation[axis] === 1 &&
      low[axis] === 0 &&
      (high[axis] === 0 || length === 1),
  );
}

/** x [batch, ...spatial, channels] with windows that lie next to each other as axes of their own,
 * [batch, count, kernel, count, kernel, channels], and where these are. */
function split(x: Tensor, { kernel, counts }: Window): { split: Tensor; within: number[] } {
  const whole = x.slice(null, ...counts.map((count, axis) => [0, count * kernel[axis]] as const));
  const pairs = counts.flatMap((count, axis) => [count, kernel[axis]]);
  return {
    split: whole.reshape([x.shape[0], ...pairs, x.shape[x.rank - 1]]),
    within: counts.map((_, axis) => 2 * axis + 2),
  };
}

/** The larger element, the first of equal ones; NaN where either is NaN. */
function largerOrFirst(first: Tensor, second: Tensor): Tensor {
  return where(second.gt(first).logicalOr(second.ne(second)), second, first);
}

function maxPooling(kind: string, rank: number) {
  return defineLayer({
    name: kind,
    forward: (_, x, { options }: { options: PoolingOptions }) => {
      const window = windowOf(kind, rank, x, options);
      if (tiles(window)) {
        const { split: windows, within } = split(x, window);
        return windows.max(within, { ties: "first" });
      }
      return tapsOf(x, window, -Infinity).reduce(largerOrFirst);
    },
  });
}

export const maxPool1dLayer = maxPooling("maxPool1d", 1);
export const maxPool2dLayer = maxPooling("maxPool2d", 2);

/** The largest element of each window: x [batch, length, channels] → [batch, windows, channels].
 * Windows reach beyond the end only with padding; of equal largest elements the first takes the gradient. */
export function maxPool1d(kernel: PerAxis, options: Omit<PoolingOptions, "kernel"> = {}): Layer {
  return maxPool1dLayer({ kernel, ...options });
}

/** The largest element of each window: x [batch, height, width, channels] → [batch, windows, windows,
 * channels]; see `maxPool1d`.
 *
 * @example
 * layers.maxPool2d(2);                            // 24 x 24 → 12 x 12
 * layers.maxPool2d(3, { stride: 2, padding: 1 }); // 24 x 24 → 12 x 12, overlapping
 */
export function maxPool2d(kernel: PerAxis, options: Omit<PoolingOptions, "kernel"> = {}): Layer {
  return maxPool2dLayer({ kernel, ...options });
}

function averagePooling(kind: string, rank: number) {
  return defineLayer({
    name: kind,
    forward: (_, x, { options }: { options: AveragePoolingOptions }) => {
      const window = windowOf(kind, rank, x, options);
      if (tiles(window)) {
        const { split: windows, within } = split(x, window);
        return windows.mean(within);
      }
      const { countPadding = true } = options;
      const total = tapsOf(x, window).reduce((sum, tap) => sum.add(tap));
      if (countPadding) return total.div(sizeOf(window.kernel));
      return total.div(coveredCounts(x, window));
    },
  });
}

/** How many elements of x each window covers, [...counts, 1]. */
function coveredCounts(x: Tensor, { kernel, stride, dilation, low, counts }: Window): Tensor {
  let total = tensor([1], { dtype: x.dtype as FloatDType });
  counts.forEach((count, axis) => {
    const covered = Array.from({ length: count }, (_, i) => {
      const places = Array.from(
        { length: kernel[axis] },
        (_, k) => i * stride[axis] + k * dilation[axis] - low[axis],
      );
      return places.filter((at) => at >= 0 && at < x.shape[axis + 1]).length;
    });
    // [..., count, 1]: one factor for each spatial axis.
    const factor = tensor(covered, { dtype: x.dtype as FloatDType });
    total = total.expandDims(-2).mul(factor.expandDims(-1));
  });
  return total;
}

export const averagePool1dLayer = averagePooling("averagePool1d", 1);
export const averagePool2dLayer = averagePooling("averagePool2d", 2);

/** The mean of each window: x [batch, length, channels] → [batch, windows, channels]. */
export function averagePool1d(
  kernel: PerAxis,
  options: Omit<AveragePoolingOptions, "kernel"> = {},
): Layer {
  return averagePool1dLayer({ kernel, ...options });
}

/** The mean of each window: x [batch, height, width, channels] → [batch, windows, windows, channels].
 *
 * @example
 * layers.averagePool2d(2); // 24 x 24 → 12 x 12
 */
export function averagePool2d(
  kernel: PerAxis,
  options: Omit<AveragePoolingOptions, "kernel"> = {},
): Layer {
  return averagePool2dLayer({ kernel, ...options });
}

function spatialAxes(x: Tensor): number[] {
  return x.shape.slice(1, -1).map((_, axis) => axis + 1);
}

export const globalAveragePoolLayer = defineLayer({
  name: "globalAveragePool",
  forward: (_, x) => x.mean(spatialAxes(x)),
});

/** The mean of each channel: x [batch, ...spatial, channels] → [batch, channels]. */
export function globalAveragePool(): Layer {
  return globalAveragePoolLayer({});
}

export const globalMaxPoolLayer = defineLayer({
  name: "globalMaxPool",
  forward: (_, x) => x.max(spatialAxes(x), { ties: "first" }),
});

/** The largest element of each channel: x [batch, ...spatial, channels] → [batch, channels]. */
export function globalMaxPool(): Layer {
  return globalMaxPoolLayer({});
}

export interface AdaptivePoolingOptions {
  /** Length of each spatial axis of the result. */
  readonly size: PerAxis;
}

/* @__NO_SIDE_EFFECTS__ */
function adaptiveAveragePooling(kind: string, rank: number) {
  return defineLayer({
    name: kind,
    forward: (_, x, { options }: { options: AdaptivePoolingOptions }) => {
      lastChannels(kind, rank, x.shape.slice(1));
      const size = perAxis(kind, "size", options.size, rank);
      return size.reduce((y, length, axis) => averageAlong(y, axis + 1, length), x);
    },
  });
}

/** Means of `length` parts of an axis: part i is from ⌊i·n/length⌋ up to but without
 * ⌈(i + 1)·n/length⌉, so that parts overlap where they do not divide the axis. */
function averageAlong(x: Tensor, axis: number, length: number): Tensor {
  const n = x.shape[axis];
  const parts = x.shape.toSpliced(axis, 1, length, n / length);
  if (n % length === 0) return x.reshape(parts).mean(axis + 1);
  const means = Array.from({ length }, (_, i) => {
    const start = Math.floor((i * n) / length);
    const end = Math.ceil(((i + 1) * n) / length);
    return Array.from({ length: n }, (_, j) => (j >= start && j < end ? 1 / (end - start) : 0));
  });
  return alongAxis(x, axis, tensor(means, { dtype: x.dtype as FloatDType }));
}

export const adaptiveAveragePool1dLayer = adaptiveAveragePooling("adaptiveAveragePool1d", 1);
export const adaptiveAveragePool2dLayer = adaptiveAveragePooling("adaptiveAveragePool2d", 2);

/** Means of `size` parts of each channel: x [batch, length, channels] → [batch, size, channels]. Parts
 * overlap by one element where the length is not a multiple, as in PyTorch. */
export function adaptiveAveragePool1d(size: PerAxis): Layer {
  return adaptiveAveragePool1dLayer({ size });
}

/** Means of size x size parts of each channel: x [batch, height, width, channels] → [batch, size, size,
 * channels]; see `adaptiveAveragePool1d`. */
export function adaptiveAveragePool2d(size: PerAxis): Layer {
  return adaptiveAveragePool2dLayer({ size });
}
