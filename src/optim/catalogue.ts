/** The most used optimizers by name. */

import { adam, adamW } from "./adam.ts";
import { sgd } from "./sgd.ts";

/** Constructors of the most used optimizers; others are in `variants`. */
export const optimizers = {
  sgd,
  adam,
  adamW,
} as const;
