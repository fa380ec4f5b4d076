/** Networks: layers, losses, initializers, saving and loading. */

export {
  decodeWeights,
  describeNetwork,
  encodeWeights,
  type LayerDescription,
  layerFrom,
  type NetworkDescription,
  networkFrom,
} from "./description.ts";
export {
  checkSamples,
  defaultLoss,
  type InferenceOptions,
  type Measures,
  type Samples,
} from "./inference.ts";
export {
  defineLayer,
  type Layer,
  type LayerContext,
  type LayerDefinition,
  type LayerFactory,
  type ParameterTensors,
} from "./layer.ts";
export { type LayerKind, type LinearOptions, layers, sequential } from "./layers/index.ts";
export {
  type CrossEntropyOptions,
  crossEntropy,
  defineLoss,
  type Loss,
  type LossDefinition,
  losses,
  lossFrom,
  mse,
} from "./losses.ts";
export { Network, type NetworkOptions, network } from "./network.ts";
export { outputShapeOf } from "./outputShape.ts";
export * from "./parameter.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsContent,
  type StoredTensor,
} from "./safetensors.ts";
export type { LayerFacts } from "./summary.ts";
