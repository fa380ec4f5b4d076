/** Losses that are means of functions of the differences a − y. */

import {
  at,
  cases,
  compare,
  type Expression,
  equation,
  fraction,
  partial,
  power,
  primitive,
  squaredNorm,
  subtract,
  sum,
  symbol,
  times,
} from "../../math/index.ts";
import { type Words, words } from "../../words.ts";
import { line } from "../derivation.ts";
import { sampleIndex } from "../site.ts";
import { type LossEquations, type LossSite, meanFactor, valueIndices } from "./site.ts";

/** Mean of (a − y)² over outputs and samples. */
export function squaredError(site: LossSite): LossEquations {
  const { prediction: a, target: y, value } = site;
  const indices = [...sampleIndex(site), ...valueIndices(site)];
  const difference = subtract(symbol(a), symbol(y));
  const single = subtract(at(a, indices), at(y, indices));
  const factor = meanFactor(site);
  const slope = meanFactor(site, 2);
  return {
    title: words("mean squared error", "均方误差"),
    quantities: [],
    forward: [
      line(equation(value, [], times(factor, squaredNorm(difference))), "definition", [
        line(equation(value, [], times(factor, sum(indices, power(single, 2)))), "scalarForm"),
      ]),
    ],
    gradient: {
      indices,
      element: times(slope, single),
      whole: times(slope, difference),
      rule: "powerRule",
      steps: [line(equation(partial(value, a), indices, times(slope, single)), "powerRule")],
      before: [],
    },
  };
}

/** Mean of |a − y|. */
export function absoluteError(site: LossSite): LossEquations {
  return ofDifferences(site, {
    title: words("mean absolute error", "平均绝对误差"),
    value: (d) => primitive("abs", d),
    slope: (d) => primitive("sign", d),
  });
}

/** Squares of differences up to δ, lines of slope ±δ beyond. */
export function huber(site: LossSite): LossEquations {
  const delta = typeof site.loss.options.delta === "number" ? site.loss.options.delta : 1;
  return ofDifferences(site, {
    title: words("Huber loss", "Huber 损失"),
    value: (d) => {
      const size = primitive("abs", d);
      return cases(
        [{ value: fraction(power(d, 2), 2), condition: compare(size, "≤", delta) }],
        times(delta, subtract(size, delta / 2)),
      );
    },
    slope: (d) => primitive("max", -delta, primitive("min", delta, d)),
  });
}

/** Huber loss over its threshold, so that its slopes are ±1 beyond. */
export function smoothL1(site: LossSite): LossEquations {
  const beta = typeof site.loss.options.beta === "number" ? site.loss.options.beta : 1;
  return ofDifferences(site, {
    title: words("smooth L1 loss", "平滑 L1 损失"),
    value: (d) => {
      const size = primitive("abs", d);
      return cases(
        [{ value: fraction(power(d, 2), 2 * beta), condition: compare(size, "<", beta) }],
        subtract(size, beta / 2),
      );
    },
    slope: (d) => primitive("max", -1, primitive("min", 1, fraction(d, beta))),
  });
}

interface DifferenceLoss {
  readonly title: Words;
  readonly value: (difference: Expression) => Expression;
  readonly slope: (difference: Expression) => Expression;
}

/** Mean over outputs and samples of a function of a − y. */
function ofDifferences(site: LossSite, { title, value, slope }: DifferenceLoss): LossEquations {
  const { prediction: a, target: y, value: loss } = site;
  const indices = [...sampleIndex(site), ...valueIndices(site)];
  const single = subtract(at(a, indices), at(y, indices));
  const factor = meanFactor(site);
  return {
    title,
    quantities: [],
    forward: [line(equation(loss, [], times(factor, sum(indices, value(single)))), "definition")],
    gradient: {
      indices,
      element: times(factor, slope(single)),
      rule: "chainRule",
      steps: [],
      before: [],
    },
  };
}
