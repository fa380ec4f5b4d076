/** Max-norm: a bound on the length of each unit's weight vector. */

import { matches, type PathPattern } from "./paths.ts";
import { expectPositive } from "./rates.ts";
import { type OptimizerWrapper, wrapper } from "./wrapper.ts";

export interface MaxNormOptions {
  /** The largest norm c of the weights that lead into one unit. */
  readonly limit: number;
  /** The bounded parameters; unless told, all of two axes or more. */
  readonly parameters?: PathPattern;
}

/** After each step, every row w of a weight matrix [out, in, …] longer than c becomes w·c/‖w‖₂.
 *
 * Srebro and Shraibman, COLT 2005; Srivastava et al., "Dropout", JMLR 2014.
 * @throws UsageError for a limit that is not above 0.
 */
export function maxNorm({ limit, parameters }: MaxNormOptions): OptimizerWrapper {
  expectPositive("Optimizer maxNorm", { limit });
  return wrapper({
    name: "maxNorm",
    options: { limit, ...(parameters === undefined ? {} : { parameters }) },
    rates: { limit },
    step: (inputs, inner) => {
      const result = inner(inputs);
      const bounded = [...result.parameters].map(([path, parameter]) => {
        const isChosen = parameters === undefined || matches(parameters, path);
        if (!isChosen || parameter.rank < 2) return [path, parameter] as const;
        const axes = parameter.shape.map((_, axis) => axis).slice(1);
        const norm = parameter.square().sum(axes, { keepDims: true }).sqrt();
        const { limit } = inputs.rates;
        // The divisor is at least the limit: no division by 0 in a row of zeros.
        return [path, parameter.mul(limit.div(norm.maximum(limit)))] as const;
      });
      return { ...result, parameters: new Map(bounded) };
    },
  });
}
