/** Networks, losses and weights as JSON and as bytes: the entry `chainrule/nn/saving`. */

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
export { builtInLayers, type LayerKind } from "./layers/kinds.ts";
export { type LossDescription, lossFrom } from "./losses/description.ts";
export { isPlainData } from "./plainData.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsContent,
  type StoredTensor,
} from "./safetensors.ts";
