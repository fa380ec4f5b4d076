/** Losses of distributions: klDivergence, poissonNll, gaussianNll. */

import type { Tensor } from "../../tensor/index.ts";
import { ShapeError } from "../../util/index.ts";
import { defineLoss, type Loss, overOutputs } from "./loss.ts";
import type { ReductionOption } from "./regression.ts";
import { asRows } from "./target.ts";

export interface KlDivergenceOptions {
  /** `batchMean`, the default: the divergence of each sample's distribution, averaged over samples.
   * `mean`: averaged over the outputs too, as PyTorch does by default. `sum`: summed. */
  readonly reduction?: "batchMean" | "mean" | "sum";
  /** Whether targets are log-probabilities; default false. */
  readonly logTarget?: boolean;
}

/** Σ t·(log t − ℓ) for log-probabilities ℓ (as `layers.logSoftmax` gives them) and probabilities t, both
 * [batch, ...outputs]; terms with t = 0 are 0. Kullback and Leibler, 1951. */
export function klDivergence(options: KlDivergenceOptions = {}): Loss {
  const { reduction = "batchMean", logTarget = false } = options;
  return defineLoss({
    name: "klDivergence",
    options: { ...options, reduction },
    reduction: reduction === "sum" ? "sum" : "mean",
    perSample: (prediction, target) => {
      const { values, expected } = asRows("klDivergence", prediction, target);
      const isZero = expected.eq(0);
      const terms = logTarget
        ? expected.exp().mul(expected.sub(values))
        : isZero.where(0, expected.mul(isZero.where(1, expected).log().sub(values)));
      return overOutputs(terms, reduction === "mean" ? "mean" : "sum");
    },
    readout: (prediction) => prediction.exp(),
  });
}

export interface PoissonNllOptions extends ReductionOption {
  /** Whether outputs are logarithms of rates, the default, or rates. */
  readonly logInput?: boolean;
  /** Whether Stirling's approximation of log t! is added where t > 1; default false. */
  readonly full?: boolean;
  /** Added to rates before their logarithm; default 1e-8. */
  readonly epsilon?: number;
}

/** λ − t·log λ for counts t and rates λ = eˣ (or x itself), up to log t!. Targets as for `mse`. */
export function poissonNll(options: PoissonNllOptions = {}): Loss {
  const { reduction = "mean", logInput = true, full = false, epsilon = 1e-8 } = options;
  return defineLoss({
    name: "poissonNll",
    options: { ...options, reduction },
    reduction,
    perSample: (prediction, target) => {
      const { values, expected } = asRows("poissonNll", prediction, target);
      const [rate, logRate] = logInput
        ? [values.exp(), values]
        : [values, values.add(epsilon).log()];
      const nll = rate.sub(expected.mul(logRate));
      return overOutputs(full ? nll.add(stirling(expected)) : nll, reduction);
    },
    readout: (prediction) => (logInput ? prediction.exp() : prediction),
  });
}

/** t log t − t + ½ log(2πt) where t > 1, else 0. */
function stirling(count: Tensor): Tensor {
  const isLarge = count.gt(1);
  const t = isLarge.where(count, 1);
  const value = t
    .mul(t.log())
    .sub(t)
    .add(
      t
        .mul(2 * Math.PI)
        .log()
        .mul(0.5),
    );
  return isLarge.where(value, 0);
}

export interface GaussianNllOptions extends ReductionOption {
  /** Whether the second half of the outputs are logarithms of variances; default false: variances. */
  readonly logVariance?: boolean;
  /** Whether ½ log 2π is added; default false. */
  readonly full?: boolean;
  /** The smallest variance; default 1e-6. */
  readonly epsilon?: number;
}

/** ½(log v + (t − μ)²/v) for targets t [batch, n] and outputs [batch, 2n]: n means μ, then n variances v.
 * Nix and Weigend, 1994; equal to PyTorch's GaussianNLLLoss, whose gradient also passes a variance that
 * was raised to `epsilon`. */
export function gaussianNll(options: GaussianNllOptions = {}): Loss {
  const { reduction = "mean", logVariance = false, full = false, epsilon = 1e-6 } = options;
  return defineLoss({
    name: "gaussianNll",
    options: { ...options, reduction },
    reduction,
    perSample: (prediction, target) => {
      const batch = prediction.shape[0];
      const rows = prediction.reshape([batch, -1]);
      const width = rows.shape[1];
      if (width % 2 !== 0) {
        throw new ShapeError(
          `Loss "gaussianNll": expected a mean and a variance for each target value, ` +
            `got ${width} outputs; make the last layer layers.linear of twice the target values.`,
        );
      }
      const [mean, spread] = rows.split(2, 1);
      const { expected } = asRows("gaussianNll", mean, target);
      const given = logVariance ? spread.exp() : spread;
      const variance = given.add(given.clip(epsilon).sub(given).detach());
      const logarithm = logVariance ? spread : variance.log();
      const each = logarithm.add(mean.sub(expected).square().div(variance)).mul(0.5);
      return overOutputs(full ? each.add(0.5 * Math.log(2 * Math.PI)) : each, reduction);
    },
  });
}
