/** Random numbers in the lanes of a vector: Threefry-2x32 with 20 rounds, as in util/threefry.ts. */

import { threefryParity, threefryRotations } from "../../util/index.ts";
import { f32x4, f64x2, i32x4, v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import type { Vector } from "./lanes.ts";

/** Uniform numbers in [0, 1) for the key (k0, k1), in all lanes, and the counters (counter, 0);
 * float64 for the two low lanes. */
export function emitUniform(
  { f, constants }: KernelContext,
  k0: Vector,
  k1: Vector,
  counter: Vector,
  dtype: "float32" | "float64",
): Vector {
  const first = f.hold(k0);
  const second = f.hold(k1);
  const parity = constants.of("int32", threefryParity);
  const keys = [first, second, f.hold(v128.xor(v128.xor(first, second), parity))];
  const x0 = f.hold(i32x4.add(counter, keys[0]));
  const x1 = f.hold(keys[1]);
  for (let round = 0; round < 20; round++) {
    const rotation = threefryRotations[round % 8];
    f.set(x0, i32x4.add(x0, x1));
    f.set(x1, v128.or(i32x4.shl(x1, rotation), i32x4.shrU(x1, 32 - rotation)));
    f.set(x1, v128.xor(x1, x0));
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      f.set(x0, i32x4.add(x0, keys[injection % 3]));
      f.set(x1, i32x4.add(x1, keys[(injection + 1) % 3]));
      f.set(x1, i32x4.add(x1, constants.of("int32", injection)));
    }
  }
  if (dtype === "float32") {
    const bits = f32x4.convertI32x4S(i32x4.shrU(x0, 8));
    return f32x4.mul(bits, constants.of(dtype, 2 ** -24));
  }
  const high = f64x2.convertLowI32x4S(i32x4.shrU(x0, 5));
  const low = f64x2.convertLowI32x4S(i32x4.shrU(x1, 6));
  const sum = f64x2.add(f64x2.mul(high, constants.of(dtype, 2 ** 26)), low);
  return f64x2.mul(sum, constants.of(dtype, 2 ** -53));
}
