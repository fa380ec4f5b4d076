/** The built-in losses by name. */

import { binaryCrossEntropy } from "./binary.ts";
import { combined } from "./combined.ts";
import { crossEntropy, focal, nll } from "./crossEntropy.ts";
import { gaussianNll, klDivergence, poissonNll } from "./distributions.ts";
import { hinge, multiMargin, perceptron } from "./margin.ts";
import { huber, mae, mse, smoothL1 } from "./regression.ts";
import { contrastive, cosine, triplet } from "./similarity.ts";

/** Constructors of the built-in losses. */
export const losses = {
  crossEntropy,
  nll,
  focal,
  binaryCrossEntropy,
  mse,
  mae,
  huber,
  smoothL1,
  hinge,
  multiMargin,
  perceptron,
  klDivergence,
  poissonNll,
  gaussianNll,
  cosine,
  contrastive,
  triplet,
  combined,
} as const;
