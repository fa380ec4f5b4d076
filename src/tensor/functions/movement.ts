/** Changes of shape and selection of parts, with NumPy's conventions for negative axes and indices. */

import {
  build,
  formatShape,
  makeNode,
  type Node,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sizeOf,
} from "../../ir/index.ts";
import { ShapeError, UsageError } from "../../util/index.ts";
import type { Axes } from "./reductions.ts";

/** To a shape of the same size, in which one length may be −1: the one that fits. */
export function reshape(x: Node, shape: Shape): Node {
  const unknown = shape.indexOf(-1);
  if (unknown < 0) return build.reshape(x, shape);
  const rest = sizeOf(shape.filter((_, axis) => axis !== unknown));
  const length = sizeOf(x.shape) / rest;
  if (shape.lastIndexOf(-1) !== unknown || !Number.isInteger(length)) {
    throw new ShapeError(
      `reshape: ${formatShape(x.shape)} does not fit into ${formatShape(shape)}; expected at most ` +
        `one -1, and lengths whose product divides ${sizeOf(x.shape)}.`,
    );
  }
  return build.reshape(x, shape.with(unknown, length));
}

/** Removes axes of length 1: those named, or all. */
export function squeeze(x: Node, axes: Axes): Node {
  const removed =
    axes === undefined
      ? x.shape.flatMap((length, axis) => (length === 1 ? [axis] : []))
      : normalizeAxes(axes, x.shape.length, "squeeze");
  const long = removed.find((axis) => x.shape[axis] !== 1);
  if (long !== undefined) {
    throw new ShapeError(
      `squeeze: expected length 1 at axis ${long}, got ${x.shape[long]} in ${formatShape(x.shape)}.`,
    );
  }
  return build.reshape(
    x,
    x.shape.filter((_, axis) => !removed.includes(axis)),
  );
}

/** Inserts an axis of length 1 before position `axis` of the result. */
export function expandDims(x: Node, axis: number): Node {
  const position = normalizeAxis(axis, x.shape.length + 1, "expandDims");
  return build.reshape(x, x.shape.toSpliced(position, 0, 1));
}

/** Axis i of the result is axis order[i]; without an order, the axes are reversed. */
export function permute(x: Node, order: readonly number[] | undefined, where: string): Node {
  const rank = x.shape.length;
  if (order === undefined)
    return build.permute(
      x,
      x.shape.map((_, axis) => rank - 1 - axis),
    );
  return build.permute(
    x,
    order.map((axis) => normalizeAxis(axis, rank, where)),
  );
}

/** What to take of an axis: a whole number picks one element and drops the axis, [start, stop] and
 * [start, stop, step] take a range, `null` takes all. Negative positions count from the end, a
 * negative step runs backwards, and `null` inside a range stands for "as far as it goes". */
export type Range =
  | number
  | null
  | readonly [start: number | null, stop?: number | null, step?: number];

/** The part of `x` that the ranges of its first axes describe. */
export function slice(x: Node, ranges: readonly Range[]): Node {
  if (ranges.length > x.shape.length) {
    throw new ShapeError(
      `slice: ${formatShape(x.shape)} has ${x.shape.length} axes, got ${ranges.length} ranges.`,
    );
  }
  const parts = x.shape.map((length, axis) => resolveRange(ranges[axis] ?? null, length, axis));
  const taken = makeNode("slice", [x], {
    start: parts.map(({ start }) => start),
    size: parts.map(({ size }) => size),
    step: parts.map(({ step }) => step),
  });
  const reversed = parts.flatMap(({ backwards }, axis) => (backwards ? [axis] : []));
  const ordered = reversed.length === 0 ? taken : makeNode("flip", [taken], { axes: reversed });
  return build.reshape(
    ordered,
    ordered.shape.filter((_, axis) => typeof (ranges[axis] ?? null) !== "number"),
  );
}

interface ResolvedRange {
  readonly start: number;
  readonly size: number;
  readonly step: number;
  readonly backwards: boolean;
}

function resolveRange(range: Range, length: number, axis: number): ResolvedRange {
  const forwards = { step: 1, backwards: false };
  if (range === null) return { start: 0, size: length, ...forwards };
  if (typeof range === "number") {
    if (!Number.isInteger(range) || range < -length || range >= length) {
      throw new ShapeError(
        `slice: index ${range} is outside axis ${axis} of length ${length}; expected an integer ` +
          `from ${-length} to ${length - 1}.`,
      );
    }
    return { start: range < 0 ? range + length : range, size: 1, ...forwards };
  }
  const [start = null, stop = null, step = 1] = range;
  if (![start ?? 0, stop ?? 0, step].every(Number.isInteger) || step === 0) {
    throw new UsageError(
      `slice: expected [start, stop, step] of integers with a step other than 0, ` +
        `got [${range.map(String).join(", ")}] for axis ${axis}.`,
    );
  }
  // As in Python: positions are counted from the end when negative, then limited to the axis.
  const position = (value: number, low: number, high: number) =>
    Math.min(Math.max(value < 0 ? value + length : value, low), high);
  if (step > 0) {
    const first = start === null ? 0 : position(start, 0, length);
    const last = stop === null ? length : position(stop, 0, length);
    const size = Math.max(0, Math.ceil((last - first) / step));
    return { start: first, size, step, backwards: false };
  }
  const first = start === null ? length - 1 : position(start, -1, length - 1);
  const last = stop === null ? -1 : position(stop, -1, length - 1);
  const size = Math.max(0, Math.ceil((first - last) / -step));
  const lowest = size === 0 ? 0 : first + (size - 1) * step;
  return { start: lowest, size, step: -step, backwards: true };
}

/** [before, after] for each axis, or for the last axes when there are fewer pairs. */
export function pad(x: Node, widths: readonly (readonly [number, number])[], value: number): Node {
  const rank = x.shape.length;
  if (
    widths.length > rank ||
    !widths.flat().every((width) => Number.isInteger(width) && width >= 0)
  ) {
    throw new ShapeError(
      `pad: expected at most ${rank} pairs [before, after] of whole numbers for ` +
        `${formatShape(x.shape)}, got ${JSON.stringify(widths)}.`,
    );
  }
  const missing = rank - widths.length;
  const amounts = (side: 0 | 1) =>
    x.shape.map((_, i) => (i < missing ? 0 : widths[i - missing][side]));
  return makeNode("pad", [x], {
    low: amounts(0),
    high: amounts(1),
    interior: x.shape.map(() => 0),
    value,
  });
}

export function flip(x: Node, axes: Axes): Node {
  return makeNode("flip", [x], { axes: normalizeAxes(axes, x.shape.length, "flip") });
}

export function concatenate(parts: readonly Node[], axis: number): Node {
  if (parts.length === 0)
    throw new ShapeError("concatenate: expected at least one tensor, got none.");
  const along = normalizeAxis(axis, parts[0].shape.length, "concatenate");
  return parts.length === 1 ? parts[0] : makeNode("concatenate", parts, { axis: along });
}

/** Joins tensors of one shape along a new axis. */
export function stack(parts: readonly Node[], axis: number): Node {
  if (parts.length === 0) throw new ShapeError("stack: expected at least one tensor, got none.");
  const position = normalizeAxis(axis, parts[0].shape.length + 1, "stack");
  return concatenate(
    parts.map((part) => expandDims(part, position)),
    position,
  );
}

/** Cuts an axis into parts: so many equal ones, or of the given lengths. */
export function split(x: Node, parts: number | readonly number[], axis: number): Node[] {
  const along = normalizeAxis(axis, x.shape.length, "split");
  const length = x.shape[along];
  const lengths =
    typeof parts === "number"
      ? Array.from({ length: Math.max(parts, 0) }, () => length / parts)
      : parts;
  const total = lengths.reduce((sum, part) => sum + part, 0);
  if (total !== length || !lengths.every((part) => Number.isInteger(part) && part >= 0)) {
    throw new ShapeError(
      `split: axis ${along} of ${formatShape(x.shape)} has length ${length}, which does not divide ` +
        `into ${typeof parts === "number" ? `${parts} equal parts` : formatShape(parts)}.`,
    );
  }
  let start = 0;
  return lengths.map((part) => {
    const ranges = x.shape.map((_, i) => (i === along ? ([start, start + part] as const) : null));
    start += part;
    return slice(x, ranges);
  });
}

/** Repeats the whole tensor so many times along each axis. */
export function tile(x: Node, times: readonly number[]): Node {
  const rank = Math.max(x.shape.length, times.length);
  const lengths = [...Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const repeats = [...Array<number>(rank - times.length).fill(1), ...times];
  // [r₀, n₀, r₁, n₁, …], then each pair becomes one axis.
  const spread = build.broadcast(
    build.reshape(
      x,
      lengths.flatMap((length) => [1, length]),
    ),
    lengths.flatMap((length, axis) => [repeats[axis], length]),
  );
  return build.reshape(
    spread,
    lengths.map((length, axis) => length * repeats[axis]),
  );
}

/** Repeats each element so many times along an axis. */
export function repeat(x: Node, times: number, axis: number): Node {
  const along = normalizeAxis(axis, x.shape.length, "repeat");
  const spread = build.broadcast(
    build.reshape(x, x.shape.toSpliced(along + 1, 0, 1)),
    x.shape.toSpliced(along + 1, 0, times),
  );
  return build.reshape(spread, x.shape.with(along, x.shape[along] * times));
}
