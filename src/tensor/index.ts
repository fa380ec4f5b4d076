export { concatenate, stack } from "./combination.ts";
export { type CompileOptions, compile } from "./compile.ts";
export {
  arange,
  type DTypeOption,
  eye,
  full,
  linspace,
  type NumberArray,
  ones,
  onesLike,
  tensor,
  type Values,
  zeros,
  zerosLike,
} from "./creation.ts";
export { type ArgumentOption, grad, valueAndGrad } from "./differentiate.ts";
export type { NestedArray } from "./format.ts";
export type { Axes, ConvolveOptions, ExtremumOptions, PerAxis, Range } from "./functions/index.ts";
export { forkKey, type Key, keyTensor, normal, type RandomOptions, uniform } from "./random.ts";
export {
  apply,
  asTensor,
  fromNode,
  fromNodes,
  type KeepDims,
  type Operand,
  Tensor,
  where,
} from "./tensor.ts";
