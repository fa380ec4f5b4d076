/** The built-in joins by name. */

import { attention, multiHeadAttention } from "../layers/attentionJoins.ts";
import { concatenate } from "../layers/concatenate.ts";
import { add, average, bilinear, maximum, multiply } from "../layers/joins.ts";

/** Constructors of the built-in joins, which take several inputs; for `layers.parallel` and `graph`. */
export const joins = {
  concatenate,
  add,
  multiply,
  maximum,
  average,
  bilinear,
  attention,
  multiHeadAttention,
} as const;
