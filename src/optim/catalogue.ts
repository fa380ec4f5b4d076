/** The built-in optimizers by name. */

import { adadelta } from "./adadelta.ts";
import { adagrad } from "./adagrad.ts";
import { adam, adamW } from "./adam.ts";
import { adamax } from "./adamax.ts";
import { backpropagation } from "./backpropagation.ts";
import { lbfgs } from "./lbfgs.ts";
import { lion } from "./lion.ts";
import { nadam } from "./nadam.ts";
import { radam } from "./radam.ts";
import { rmsprop } from "./rmsprop.ts";
import { rprop } from "./rprop.ts";
import { sgd } from "./sgd.ts";

/** Constructors of the built-in optimizers. */
export const optimizers = {
  sgd,
  adam,
  adamW,
  nadam,
  radam,
  adamax,
  adagrad,
  adadelta,
  rmsprop,
  rprop,
  lion,
  lbfgs,
  backpropagation,
} as const;

/** Name of a built-in optimizer. */
export type OptimizerKind = keyof typeof optimizers;
