/** Binary cross-entropy of independent probabilities: by logits, its gradient is a multiple of p − y. */

import {
  add,
  at,
  equation,
  fraction,
  type MathSymbol,
  negative,
  partial,
  primitive,
  subtract,
  sum,
  symbol,
  times,
} from "../../math/index.ts";
import { words } from "../../words.ts";
import { line } from "../derivation.ts";
import { sampleIndex } from "../site.ts";
import { type LossEquations, type LossSite, meanFactor, valueIndices } from "./site.ts";

/** −Σ (y ln p + (1 − y) ln(1 − p)), from logits with p = σ(z) or from probabilities. */
export function binaryCrossEntropy(site: LossSite): LossEquations | undefined {
  const { options } = site.loss;
  if (options.posWeight !== undefined) return undefined;
  const { prediction: z, target: y, value, label, isLinear } = site;
  const fromLogits = options.fromLogits !== false;
  const indices = [...sampleIndex(site), ...valueIndices(site)];
  const isMatrix = z.shape.length > 1;
  const p: MathSymbol = fromLogits
    ? {
        key: isLinear ? `${label}.a` : "probabilities",
        letter: isLinear ? (isMatrix ? "A" : "a") : isMatrix ? "P" : "p",
        ...(isLinear && { layer: label }),
        shape: z.shape,
        meaning: words("probabilities", "概率"),
      }
    : z;
  const factor = meanFactor(site);
  const [a, t] = [at(p, indices), at(y, indices)];
  const byProbability = times(factor, fraction(subtract(a, t), times(a, subtract(1, a))));
  const difference = subtract(symbol(p), symbol(y));
  const slope = line(
    equation(
      partial(value, p),
      indices,
      times(factor, subtract(fraction(subtract(1, t), subtract(1, a)), fraction(t, a))),
    ),
    "logarithm",
  );
  return {
    title: words("binary cross-entropy", "二元交叉熵"),
    quantities: fromLogits ? [p] : [],
    forward: [
      ...(fromLogits
        ? [
            line(
              equation(p, indices, fraction(1, add(1, primitive("exp", negative(at(z, indices)))))),
              "forward",
              [],
              words("the sigmoid σ", "Sigmoid 函数 σ"),
            ),
          ]
        : []),
      line(
        equation(
          value,
          [],
          times(
            negative(factor),
            sum(
              indices,
              add(
                times(t, primitive("ln", a)),
                times(subtract(1, t), primitive("ln", subtract(1, a))),
              ),
            ),
          ),
        ),
        "definition",
      ),
    ],
    gradient: fromLogits
      ? {
          indices,
          element: times(factor, subtract(a, t)),
          whole: times(factor, difference),
          rule: "simplification",
          steps: [
            slope,
            line(equation(partial(value, p), indices, byProbability), "simplification"),
            line(
              equation(
                partial(value, z),
                indices,
                times(at(partial(value, p), indices), times(a, subtract(1, a))),
              ),
              "chainRule",
            ),
            line(
              equation(partial(value, z), indices, times(factor, subtract(a, t))),
              "simplification",
            ),
          ],
          before: [],
        }
      : { indices, element: byProbability, rule: "logarithm", steps: [slope], before: [] },
  };
}
