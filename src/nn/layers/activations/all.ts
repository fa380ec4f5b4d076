/** All built-in activations by name. */

import { usualActivations } from "./index.ts";
import { prelu, swish } from "./learned.ts";
import { gumbelSoftmax, logSoftmax, maxout } from "./normalized.ts";
import { celu, elu, relu6, rrelu, selu } from "./rectifiers.ts";
import { hardSigmoid, hardTanh, softsign } from "./sigmoidal.ts";
import { step } from "./simple.ts";
import { hardSwish, logSigmoid, mish, softplus } from "./smooth.ts";

/** Constructors of the built-in activations. */
export const activations = {
  ...usualActivations,
  celu,
  elu,
  gumbelSoftmax,
  hardSigmoid,
  hardSwish,
  hardTanh,
  logSigmoid,
  logSoftmax,
  maxout,
  mish,
  prelu,
  relu6,
  rrelu,
  selu,
  softplus,
  softsign,
  step,
  swish,
} as const;
