/** Cross-entropy of softmax: its logarithm and the exponentials of softmax leave a − y as the gradient. */

import {
  add,
  at,
  type Expression,
  equation,
  fraction,
  type Index,
  kronecker,
  type MathSymbol,
  negative,
  number,
  partial,
  primitive,
  softmax,
  subtract,
  sum,
  symbol,
  times,
} from "../../math/index.ts";
import { words } from "../../words.ts";
import { type Line, line } from "../derivation.ts";
import { sampleIndex, unit } from "../site.ts";
import { type LossEquations, type LossSite, perSample } from "./site.ts";

/** −Σ_k y_k ln a_k with a = softmax(z); the gradient is a − y. */
export function crossEntropy(site: LossSite): LossEquations | undefined {
  if (site.outputShape.length !== 1) return undefined;
  const { prediction: z, target: y, value, label, isLinear } = site;
  const n = sampleIndex(site);
  const classes = site.outputShape[0];
  const [i, k] = [unit("i", classes), unit("k", classes)];
  const smoothing = Number(site.loss.options.labelSmoothing ?? 0);
  const a: MathSymbol = {
    key: isLinear ? `${label}.a` : "probabilities",
    letter: site.batch === undefined ? (isLinear ? "a" : "p") : isLinear ? "A" : "P",
    ...(isLinear && { layer: label }),
    shape: z.shape,
    meaning: words("probabilities of the classes", "各类别的概率"),
  };
  const smoothed: MathSymbol = {
    ...y,
    key: "target.smoothed",
    accent: "tilde",
    meaning: words("smoothed targets", "平滑后的目标"),
  };
  const goal = smoothing > 0 ? smoothed : y;
  const scale = perSample(site);
  const error = (...index: readonly Index[]) => subtract(at(a, index), at(goal, index));
  const steps: Line[] = [
    line(
      equation(
        partial(value, z),
        [...n, i],
        sum([k], times(at(partial(value, a), [...n, k]), softmaxSlope(a, n, k, i))),
      ),
      "chainRule",
    ),
    line(
      equation(
        partial(value, a),
        [...n, k],
        times(negative(scale), fraction(at(goal, [...n, k]), at(a, [...n, k]))),
      ),
      "logarithm",
    ),
    line(
      equation(
        partial(value, z),
        [...n, i],
        times(
          negative(scale),
          sum([k], times(at(goal, [...n, k]), subtract(kronecker(k, i), at(a, [...n, i])))),
        ),
      ),
      "softmaxJacobian",
    ),
    line(
      equation(
        partial(value, z),
        [...n, i],
        times(
          scale,
          subtract(times(at(a, [...n, i]), sum([k], at(goal, [...n, k]))), at(goal, [...n, i])),
        ),
      ),
      "kronecker",
    ),
    line(equation(partial(value, z), [...n, i], times(scale, error(...n, i))), "normalized"),
  ];
  return {
    title: words("cross-entropy of softmax", "softmax 交叉熵"),
    quantities: smoothing > 0 ? [a, smoothed] : [a],
    forward: [
      ...(smoothing > 0
        ? [
            line(
              equation(
                smoothed,
                [],
                add(times(1 - smoothing, symbol(y)), number(smoothing / classes)),
              ),
              "definition",
            ),
          ]
        : []),
      line(equation(a, [], softmax(symbol(z))), "forward", [
        line(
          equation(
            a,
            [...n, i],
            fraction(
              primitive("exp", at(z, [...n, i])),
              sum([k], primitive("exp", at(z, [...n, k]))),
            ),
          ),
          "scalarForm",
        ),
      ]),
      line(
        equation(
          value,
          [],
          times(
            negative(scale),
            sum([...n, k], times(at(goal, [...n, k]), primitive("ln", at(a, [...n, k])))),
          ),
        ),
        "definition",
      ),
    ],
    gradient: {
      indices: [...n, i],
      element: times(scale, error(...n, i)),
      whole: times(scale, subtract(symbol(a), symbol(goal))),
      rule: "softmaxJacobian",
      steps,
      before: [],
    },
  };
}

/** ∂a_k/∂z_i = a_k([k = i] − a_i), within one sample. */
export function softmaxSlope(a: MathSymbol, n: readonly Index[], k: Index, i: Index): Expression {
  return times(at(a, [...n, k]), subtract(kronecker(k, i), at(a, [...n, i])));
}
