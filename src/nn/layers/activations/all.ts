/** All built-in activations by name. */

import { usualActivations } from "./index.ts";
import { prelu, swish } from "./learned.ts";
import { gumbelSoftmax, maxout } from "./normalized.ts";
import { celu, relu6, rrelu, selu } from "./rectifiers.ts";
import { hardSigmoid, hardTanh, softsign } from "./sigmoidal.ts";
import { step } from "./simple.ts";
import { hardSwish, logSigmoid, mish } from "./smooth.ts";

/** Constructors of the built-in activations. */
export const activations = {
  ...usualActivations,
  celu,
  gumbelSoftmax,
  hardSigmoid,
  hardSwish,
  hardTanh,
  logSigmoid,
  maxout,
  mish,
  prelu,
  relu6,
  rrelu,
  selu,
  softsign,
  step,
  swish,
} as const;
