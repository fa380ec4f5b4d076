/** Chainrule, the neural-network lab for TypeScript: what most programs need, in one import. */

export {
  type Backend,
  defaultBackend,
  type Mode,
  referenceBackend,
  wasmBackend,
} from "./backend/index.ts";
export * from "./data/index.ts";
export type { DType, Shape, TensorData } from "./ir/index.ts";
export * as metrics from "./metrics/index.ts";
export { graph, input, join, joins, Signal } from "./nn/graph/index.ts";
export * as historical from "./nn/historical/index.ts";
export {
  defineActivation,
  defineJoin,
  defineLayer,
  defineLoss,
  initializers,
  type Join,
  type Layer,
  type Loss,
  type Measures,
  Network,
  type NetworkOptions,
  network,
  sequential,
  state,
} from "./nn/index.ts";
export { allLayers as layers } from "./nn/layers/all.ts";
export { losses } from "./nn/losses/index.ts";
export {
  decodeWeights,
  describeNetwork,
  encodeWeights,
  type NetworkDescription,
  networkFrom,
} from "./nn/saving.ts";
export { defineOptimizer, type Optimizer } from "./optim/index.ts";
export { defineSchedule, schedules } from "./optim/schedules/index.ts";
export { allOptimizers as optimizers } from "./optim/variantCatalogue.ts";
export { chain, defineGradientTransform, wrappers } from "./optim/wrappers.ts";
export * from "./tensor/batching.ts";
export { einsum } from "./tensor/einsum.ts";
export * from "./tensor/index.ts";
export {
  type EpochEvent,
  type EpochRecord,
  findLearningRate,
  type History,
  type TrainEvent,
  type TrainOptions,
  train,
} from "./train/index.ts";
export * from "./util/index.ts";
