/** The less used optimizers by name, and all of them. */

import { adadelta } from "./adadelta.ts";
import { adagrad } from "./adagrad.ts";
import { adamax } from "./adamax.ts";
import { backpropagation } from "./backpropagation.ts";
import { optimizers } from "./catalogue.ts";
import { lbfgs } from "./lbfgs.ts";
import { lion } from "./lion.ts";
import { nadam } from "./nadam.ts";
import { radam } from "./radam.ts";
import { rmsprop } from "./rmsprop.ts";
import { rprop } from "./rprop.ts";

/** Constructors of the less used optimizers. */
export const variants = {
  nadam,
  radam,
  adamax,
  adagrad,
  adadelta,
  rmsprop,
  rprop,
  lion,
  backpropagation,
  lbfgs,
} as const;

/** Constructors of all built-in optimizers. */
export const allOptimizers = { ...optimizers, ...variants } as const;

/** Name of a built-in optimizer. */
export type OptimizerKind = keyof typeof allOptimizers;
