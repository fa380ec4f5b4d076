/** The meaning of the ops without a computed operand: inputs, constants, counting, random numbers. */

import { allocate, type OpOf, sizeOf, stridesOf } from "../../ir/index.ts";
import { threefry2x32, UsageError } from "../../util/index.ts";
import type { ReferenceRules } from "./rules.ts";

export const leafRules: ReferenceRules<OpOf<"leaf">> = {
  // Bound inputs never come here: `evaluate` takes their values from the bindings.
  input: ({ attributes: { name } }) => {
    throw new UsageError(`Input "${name}" has no value; write it before the run.`);
  },
  constant: ({ attributes }) => attributes.data,
  iota: ({ attributes: { axis, shape, dtype } }) => {
    const result = allocate(dtype, sizeOf(shape));
    const stride = stridesOf(shape)[axis];
    for (let i = 0; i < result.length; i++) result[i] = Math.floor(i / stride) % shape[axis];
    return result;
  },
  random: ({ attributes: { shape, dtype } }, [key]) => {
    const result = allocate(dtype, sizeOf(shape));
    for (let i = 0; i < result.length; i++) {
      const [a, b] = threefry2x32(key[0], key[1], i, 0);
      result[i] =
        dtype === "float32" ? (a >>> 8) * 2 ** -24 : ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
    }
    return result;
  },
};
