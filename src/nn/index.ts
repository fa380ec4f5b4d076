/** Networks: layers, initializers, the losses that are used unless told. */

export type { InferenceOptions } from "./inference.ts";
export * from "./initializers.ts";
export {
  defineJoin,
  defineLayer,
  isJoin,
  type Join,
  type JoinDefinition,
  type JoinFactory,
  type Layer,
  type LayerContext,
  type LayerDefinition,
  type LayerFactory,
  type ParameterTensors,
  type Part,
} from "./layer.ts";
export {
  type AveragePoolingOptions,
  type ConvolutionOptions,
  defineActivation,
  im2col,
  type LinearOptions,
  layers,
  type PoolingOptions,
  sequential,
} from "./layers/index.ts";
export { crossEntropy } from "./losses/crossEntropy.ts";
export {
  defineLoss,
  type Loss,
  type LossDefinition,
  lossOfBatch,
  type Reduction,
  weightedMean,
} from "./losses/loss.ts";
export { mse } from "./losses/regression.ts";
export { type InitializerDefaults, Network, type NetworkOptions, network } from "./network.ts";
export { joinedShapeOf, outputShapeOf } from "./outputShape.ts";
export {
  countValues,
  flattenSpecs,
  isParameterSpec,
  isTrained,
  type ParameterSpec,
  type ParameterSpecs,
  state,
} from "./parameter.ts";
export type { StoredTensor } from "./safetensors.ts";
export { checkSamples, defaultLoss, type Measures, type Samples } from "./samples.ts";
export type { LayerFacts } from "./summary.ts";
