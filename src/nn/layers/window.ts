/** Sliding windows: which elements of a sample each window of a convolution or pooling covers.
 *
 * Samples are channels last: [length, channels] or [height, width, channels]. */

import { makeNode, type Shape, sizeOf } from "../../ir/index.ts";
import { apply, type PerAxis, type Tensor } from "../../tensor/index.ts";
import { ShapeError, UsageError } from "../../util/index.ts";
import { formatBatch } from "../outputShape.ts";
import { expectWhole } from "./expect.ts";

/** Zeros on both sides of each spatial axis; "valid" for none, "same" for as many as make the result as
 * long as the input (divided by the stride and rounded up), the odd one at the end. */
export type Padding = PerAxis | "same" | "valid";

/** How windows slide, as an option writes it. */
export interface WindowOptions {
  readonly kernel: PerAxis;
  /** Elements from one window to the next; default 1. */
  readonly stride?: PerAxis;
  /** Default 0. */
  readonly padding?: Padding;
  /** Distance of neighbours in a window; default 1. */
  readonly dilation?: PerAxis;
}

/** How windows slide over samples of one shape, an entry for each spatial axis. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Padding before and after. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Number of windows. */
  readonly counts: readonly number[];
}

const axisNames = [[], ["length"], ["height", "width"]];

/** The number of channels of samples that have `rank` spatial axes before them.
 * @throws ShapeError for another number of axes */
export function lastChannels(kind: string, rank: number, input: Shape): number {
  if (input.length === rank + 1) return input[rank];
  const names = axisNames[rank];
  const hint =
    input.length === rank
      ? `for one channel add layers.reshape([${input.join(", ")}, 1])`
      : `add layers.reshape([${[...names, "channels"].join(", ")}])`;
  throw new ShapeError(
    `Layer "${kind}": expected input [batch, ${names.join(", ")}, channels], got ` +
      `${formatBatch(input)}; ${hint} before it.`,
  );
}

/** One whole number from `least` for each of `rank` axes.
 * @throws UsageError for another number of entries or a fraction */
export function perAxis(
  kind: string,
  option: string,
  value: PerAxis,
  rank: number,
  least = 1,
): readonly number[] {
  const list = typeof value === "number" ? Array.from({ length: rank }, () => value) : value;
  if (list.length !== rank) {
    throw new UsageError(
      `Layer "${kind}": expected ${option} to be a number or ${rank} numbers, got ` +
        `[${list.join(", ")}].`,
    );
  }
  for (const entry of list) expectWhole(kind, option, entry, least);
  return list;
}

/** The windows over samples [...spatial, channels].
 * @throws UsageError for options out of range; ShapeError when a window is larger than the sample */
export function resolveWindow(kind: string, sample: Shape, options: WindowOptions): Window {
  const spatial = sample.slice(0, -1);
  const rank = spatial.length;
  const kernel = perAxis(kind, "kernel", options.kernel, rank);
  const stride = perAxis(kind, "stride", options.stride ?? 1, rank);
  const dilation = perAxis(kind, "dilation", options.dilation ?? 1, rank);
  const fields = kernel.map((length, axis) => dilation[axis] * (length - 1) + 1);
  const { low, high } = resolvePadding(kind, options.padding ?? 0, spatial, fields, stride);
  const counts = spatial.map((length, axis) => {
    const padded = low[axis] + length + high[axis];
    if (fields[axis] > padded) {
      throw new ShapeError(
        `Layer "${kind}": expected at least ${fields.join(" x ")} elements of each channel, got ` +
          `${spatial.join(" x ")}${padded > length ? " without padding" : ""} (channels are the last axis ` +
          `of ${formatBatch(sample)}); ` +
          'use a smaller kernel, or padding: "same".',
      );
    }
    return Math.floor((padded - fields[axis]) / stride[axis]) + 1;
  });
  return { kernel, stride, dilation, low, high, counts };
}

function resolvePadding(
  kind: string,
  padding: Padding,
  spatial: Shape,
  fields: readonly number[],
  stride: readonly number[],
): { readonly low: readonly number[]; readonly high: readonly number[] } {
  if (typeof padding !== "string") {
    const both = perAxis(kind, "padding", padding, spatial.length, 0);
    return { low: both, high: both };
  }
  if (padding !== "same" && padding !== "valid") {
    throw new UsageError(
      `Layer "${kind}": expected padding to be a number, "same" or "valid", got "${padding}".`,
    );
  }
  const total = spatial.map((length, axis) => {
    const covered = (Math.ceil(length / stride[axis]) - 1) * stride[axis] + fields[axis];
    return padding === "same" ? Math.max(0, covered - length) : 0;
  });
  const low = total.map((sum) => Math.floor(sum / 2));
  return { low, high: total.map((sum, axis) => sum - low[axis]) };
}

/** x [batch, ...spatial, channels] with `value` around its spatial axes and `between` its elements. */
export function padSpatial(
  x: Tensor,
  low: readonly number[],
  high: readonly number[],
  { value = 0, between = low.map(() => 0) } = {},
): Tensor {
  if ([...low, ...high, ...between].every((width) => width === 0)) return x;
  const attributes = {
    low: [0, ...low, 0],
    high: [0, ...high, 0],
    interior: [0, ...between, 0],
    value,
  };
  return apply((node) => makeNode("pad", [node], attributes), x);
}

/** The elements at each place of the windows, in row-major order of the places, with `value` where they
 * lie in the padding: each [batch, ...counts, channels]. */
export function tapsOf(
  x: Tensor,
  { kernel, stride, dilation, low, high, counts }: Window,
  value = 0,
): Tensor[] {
  const padded = padSpatial(x, low, high, { value });
  const places = kernel.reduce<number[][]>(
    (lists, length) =>
      lists.flatMap((list) => Array.from({ length }, (_, place) => [...list, place])),
    [[]],
  );
  return places.map((place) =>
    padded.slice(
      null,
      ...place.map((index, axis) => {
        const start = index * dilation[axis];
        return [start, start + (counts[axis] - 1) * stride[axis] + 1, stride[axis]] as const;
      }),
    ),
  );
}

/** M·x along one axis: M [m, n], x [..., n, ...] → [..., m, ...]. */
export function alongAxis(x: Tensor, axis: number, matrix: Tensor): Tensor {
  const { shape } = x;
  const rest = sizeOf(shape.slice(axis + 1));
  const product = matrix.matmul(x.reshape([-1, shape[axis], rest]));
  return product.reshape(shape.with(axis, matrix.shape[0]));
}
