/** Random tensors: pure functions of a key, the same on every backend. */

import { build, type FloatDType, makeNode, type Node, type Shape } from "../ir/index.ts";
import { Generator } from "../util/index.ts";
import * as functions from "./functions/index.ts";
import { apply, Tensor } from "./tensor.ts";

/** What random numbers are drawn from: a seed, a generator or its key, or a tensor of two int32,
 * which may be an argument of a traced function. One key gives the same numbers every time. */
export type Key = number | Generator | readonly [number, number] | Tensor;

export interface RandomOptions {
  readonly shape: Shape;
  readonly key: Key;
  readonly dtype?: FloatDType;
}

/** A key as a tensor: int32 [2]. */
export function keyTensor(key: Key): Tensor {
  if (key instanceof Tensor) return key;
  const words =
    key instanceof Generator ? key.key : typeof key === "number" ? new Generator(key).key : key;
  return new Tensor(build.constant(Int32Array.from(words), [2], "int32"));
}

/** An independent key for one purpose: a different one for every label, also of a traced key. */
export function forkKey(key: Key, label: string | number): Tensor {
  const offset = new Generator(0).fork(label).key;
  return keyTensor(key).add(keyTensor(offset));
}

/** Uniform in [low, high).
 *
 * @example
 * uniform({ shape: [2, 3], key: 1 });
 */
export function uniform({
  shape,
  key,
  dtype = "float32",
  low = 0,
  high = 1,
}: RandomOptions & { readonly low?: number; readonly high?: number }): Tensor {
  return apply((node) => {
    const unit = makeNode("random", [node], { shape, dtype });
    if (low === 0 && high === 1) return unit;
    return build.add(build.mul(unit, build.scalar(high - low, dtype)), build.scalar(low, dtype));
  }, keyTensor(key));
}

/** Normal with the given mean and standard deviation (Box and Muller, 1958).
 *
 * @example
 * normal({ shape: [100], key: 1, standardDeviation: 0.1 });
 */
export function normal({
  shape,
  key,
  dtype = "float32",
  mean = 0,
  standardDeviation = 1,
}: RandomOptions & { readonly mean?: number; readonly standardDeviation?: number }): Tensor {
  const scalar = (value: number) => build.scalar(value, dtype);
  return apply((node) => {
    const unit: Node = makeNode("random", [node], { shape: [2, ...shape], dtype });
    const radius = build.unary("log", build.sub(scalar(1), functions.slice(unit, [0])));
    const angle = build.mul(scalar(2 * Math.PI), functions.slice(unit, [1]));
    const length = build.unary("sqrt", build.mul(scalar(-2), radius));
    const standard = build.mul(length, build.unary("cos", angle));
    return build.add(build.mul(standard, scalar(standardDeviation)), scalar(mean));
  }, keyTensor(key));
}
