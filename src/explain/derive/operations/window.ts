/** Windows that slide over images and sequences: what convolution and pooling share. */

import {
  add,
  and,
  compare,
  type Expression,
  fraction,
  type Index,
  position,
  primitive,
  subtract,
  times,
} from "../../math/index.ts";
import { offset, type Site } from "../site.ts";

/** Kernel, stride, padding and dilation along each spatial axis, with the running indices. */
export interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  /** Zeros before the first element. */
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  /** Positions of the result. */
  readonly places: readonly Index[];
  /** Positions within the kernel. */
  readonly taps: readonly Index[];
  /** Positions of the input. */
  readonly cells: readonly Index[];
}

const names = {
  places: [["p"], ["p", "q"], ["p", "q", "r"]],
  taps: [["u"], ["u", "v"], ["u", "v", "w"]],
  cells: [["h"], ["h", "w"], ["x", "y", "z"]],
} as const;

function perAxis(value: unknown, rank: number, fallback: readonly number[]): readonly number[] {
  if (typeof value === "number") return new Array<number>(rank).fill(value);
  return Array.isArray(value) && value.length === rank ? (value as number[]) : fallback;
}

/** The window of a layer [...spatial, channels] → [...spatial, channels].
 * @returns undefined when the shapes do not fit the options */
export function windowOf(site: Site, kernel: readonly number[]): Window | undefined {
  const rank = kernel.length;
  const spatial = site.inputShape.slice(0, -1);
  const result = site.outputShape.slice(0, -1);
  if (rank < 1 || rank > 3 || spatial.length !== rank || result.length !== rank) return undefined;
  const { options } = site;
  const isPooling = !site.parameters.has("weight");
  const stride = perAxis(options.stride, rank, isPooling ? kernel : kernel.map(() => 1));
  const dilation = perAxis(
    options.dilation,
    rank,
    kernel.map(() => 1),
  );
  const padding = kernel.map((size, axis) => {
    if (options.padding === "same") {
      const reach = dilation[axis] * (size - 1) + 1;
      const covered = (result[axis] - 1) * stride[axis] + reach;
      return Math.floor(Math.max(covered - spatial[axis], 0) / 2);
    }
    return perAxis(
      options.padding,
      rank,
      kernel.map(() => 0),
    )[axis];
  });
  const index = (kind: keyof typeof names, sizes: readonly number[]) =>
    sizes.map((size, axis) => offset(names[kind][rank - 1][axis], size));
  return {
    kernel,
    stride,
    dilation,
    padding,
    places: index("places", result),
    taps: index("taps", kernel),
    cells: index("cells", spatial),
  };
}

/** An index that has one position only adds nothing. */
const running = (index: Index) => (index.size === 1 ? 0 : position(index));

/** Where tap u of the window at place p lies: s·p + d·u − P. */
export function reached({ stride, dilation, padding, places, taps }: Window): Expression[] {
  return places.map((place, axis) =>
    subtract(
      add(times(stride[axis], running(place)), times(dilation[axis], running(taps[axis]))),
      padding[axis],
    ),
  );
}

/** The tap by which the window at place p reaches cell h, with dilation 1: h + P − s·p. */
export function tapFor({ stride, padding, places, cells }: Window): Expression[] {
  return cells.map((cell, axis) =>
    subtract(add(position(cell), padding[axis]), times(stride[axis], running(places[axis]))),
  );
}

/** The place whose window reaches cell h with tap u, with stride 1: h + P − d·u. */
export function placeFor({ dilation, padding, taps, cells }: Window): Expression[] {
  return cells.map((cell, axis) =>
    subtract(add(position(cell), padding[axis]), times(dilation[axis], running(taps[axis]))),
  );
}

/** [h = s·p + d·u − P] for each axis. */
export function reachesCell(window: Window): Expression {
  return and(
    ...reached(window).map((place, axis) => compare(position(window.cells[axis]), "=", place)),
  );
}

export const isPadded = ({ padding, kernel, dilation, stride, places, cells }: Window): boolean =>
  padding.some(
    (before, axis) =>
      before > 0 ||
      (places[axis].size - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) >=
        cells[axis].size,
  );

export const isDense = ({ dilation }: Window): boolean => dilation.every((step) => step === 1);
export const isUnitStride = ({ stride }: Window): boolean => stride.every((step) => step === 1);

/** The lengths of a pooling window. */
export function kernelOf(site: Site): readonly number[] {
  const rank = site.inputShape.length - 1;
  const { options } = site;
  const given = options.kernel ?? options.kernelSize ?? options.size ?? options.window;
  if (typeof given === "number") return new Array<number>(rank).fill(given);
  if (Array.isArray(given)) return given as number[];
  return site.inputShape.slice(0, -1);
}

export const channelsOf = ({ inputShape }: Site) => inputShape[inputShape.length - 1];

/** Whether windows tile the input without overlap, so that each cell belongs to one. */
export const isAligned = ({ stride, kernel, padding, dilation }: Window): boolean =>
  kernel.every(
    (size, axis) => stride[axis] === size && padding[axis] === 0 && dilation[axis] === 1,
  );

/** The one window of each cell: ⌊h / s⌋. */
export function windowsOf({ cells, stride }: Window): Expression[] {
  return cells.map((cell, axis) =>
    stride[axis] === 1
      ? position(cell)
      : primitive("floor", fraction(position(cell), stride[axis])),
  );
}

/** Whether cells after the last window belong to none. */
export const leavesCells = ({ cells, places, kernel }: Window): boolean =>
  cells.some(({ size }, axis) => size > places[axis].size * kernel[axis]);
