/** The built-in layers, together and by kind. */

import type { Layer } from "../layer.ts";
import { activationLayers, elu, leakyRelu, relu, sigmoid, softmax, tanh } from "./activations.ts";
import { linear, linearLayer } from "./linear.ts";
import { quadratic, quadraticLayer } from "./quadratic.ts";
import { flatten, flattenLayer, sequential } from "./structure.ts";

/** Constructors of the built-in layers. */
export const layers = {
  linear,
  quadratic,
  relu,
  leakyRelu,
  elu,
  tanh,
  sigmoid,
  softmax,
  flatten,
  sequential,
} as const;

/** A factory as far as reading a description needs it. */
export interface LayerKind {
  (options: never): Layer;
  readonly kind: string;
}

/** The factories of the built-in layers, for reading descriptions. */
export const builtInLayers: readonly LayerKind[] = [
  linearLayer,
  quadraticLayer,
  flattenLayer,
  ...activationLayers,
];

export type { LinearOptions } from "./linear.ts";
export { sequential } from "./structure.ts";
