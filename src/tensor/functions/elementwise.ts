/** Elementwise functions that are compositions of primitive ops. */

import { build, type Node } from "../../ir/index.ts";

const { fullLike, select } = build;

/** max(x, 0); its gradient at 0 is 0, and NaN stays NaN. */
export function relu(x: Node): Node {
  const zero = fullLike(0, x);
  return select(build.binary("le", x, zero), zero, x);
}

/** `x` limited to low … high; the gradient at the limits is 1, and NaN stays NaN. */
export function clip(x: Node, low: number | undefined, high: number | undefined): Node {
  let result = x;
  if (low !== undefined) {
    const bound = fullLike(low, x);
    result = select(build.binary("lt", x, bound), bound, result);
  }
  if (high !== undefined) {
    const bound = fullLike(high, x);
    result = select(build.binary("gt", x, bound), bound, result);
  }
  return result;
}

/** 1 where the index along the new last axis equals x. */
export function oneHot(x: Node, depth: number, dtype: Node["dtype"]): Node {
  const shape = [...x.shape, depth];
  const classes = build.iota(shape.length - 1, shape, "int32");
  return build.cast(build.binary("eq", build.reshape(x, [...x.shape, 1]), classes), dtype);
}
