/** Networks: layers, losses, initializers, saving and loading. */

export {
  decodeWeights,
  describeLayer,
  describeNetwork,
  encodeWeights,
  type LayerDescription,
  layerFrom,
  type NetworkDescription,
  networkFrom,
  partFrom,
} from "./description.ts";
export { type GraphLayer, graph, type Signals } from "./graph.ts";
export * as historical from "./historical/index.ts";
export {
  checkSamples,
  defaultLoss,
  type InferenceOptions,
  type Measures,
  type Samples,
} from "./inference.ts";
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
  type AttentionOptions,
  type AveragePoolingOptions,
  builtInLayers,
  type ConvolutionOptions,
  defineActivation,
  im2col,
  joins,
  type LayerKind,
  type LinearOptions,
  layers,
  type PoolingOptions,
  scaledDotProductAttention,
  sequential,
  type TransposedConvolutionOptions,
} from "./layers/index.ts";
export {
  type BinaryCrossEntropyOptions,
  type CrossEntropyOptions,
  crossEntropy,
  defineLoss,
  type Loss,
  type LossDefinition,
  type LossDescription,
  losses,
  lossFrom,
  lossOfBatch,
  mse,
  type NllOptions,
  type OutputLoss,
  type Reduction,
  weightedMean,
} from "./losses/index.ts";
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
export { isPlainData } from "./plainData.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsContent,
  type StoredTensor,
} from "./safetensors.ts";
export { input, join, Signal } from "./signal.ts";
export type { LayerFacts } from "./summary.ts";
