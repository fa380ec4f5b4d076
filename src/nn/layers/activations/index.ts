/** The most used activations by name, and all of them by kind. */

import { preluLayer, swishLayer } from "./learned.ts";
import {
  gumbelSoftmaxLayer,
  logSoftmaxLayer,
  maxoutLayer,
  softmax,
  softmaxLayer,
} from "./normalized.ts";
import {
  celuLayer,
  eluLayer,
  leakyRelu,
  leakyReluLayer,
  relu,
  relu6Layer,
  reluLayer,
  rreluLayer,
  seluLayer,
} from "./rectifiers.ts";
import {
  hardSigmoidLayer,
  hardTanhLayer,
  sigmoid,
  sigmoidLayer,
  softsignLayer,
  tanh,
  tanhLayer,
} from "./sigmoidal.ts";
import { activation, identity, identityLayer, stepLayer } from "./simple.ts";
import {
  gelu,
  geluLayer,
  hardSwishLayer,
  logSigmoidLayer,
  mishLayer,
  silu,
  siluLayer,
  softplusLayer,
} from "./smooth.ts";

/** Constructors of the most used activations. */
export const usualActivations = {
  activation,
  gelu,
  identity,
  leakyRelu,
  relu,
  sigmoid,
  silu,
  softmax,
  tanh,
} as const;

export const activationKinds = [
  celuLayer,
  eluLayer,
  geluLayer,
  gumbelSoftmaxLayer,
  hardSigmoidLayer,
  hardSwishLayer,
  hardTanhLayer,
  identityLayer,
  leakyReluLayer,
  logSigmoidLayer,
  logSoftmaxLayer,
  maxoutLayer,
  mishLayer,
  preluLayer,
  relu6Layer,
  reluLayer,
  rreluLayer,
  seluLayer,
  sigmoidLayer,
  siluLayer,
  softmaxLayer,
  softplusLayer,
  softsignLayer,
  stepLayer,
  swishLayer,
  tanhLayer,
] as const;

export { defineActivation } from "./simple.ts";
