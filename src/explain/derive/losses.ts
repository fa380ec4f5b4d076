/** Equations of losses: their value, and their gradient by what the network gives. */

import { gradients } from "../../autograd/index.ts";
import { simplify } from "../../compile/index.ts";
import { build, type Node, type Shape, sizeOf } from "../../ir/index.ts";
import { fromNode } from "../../tensor/index.ts";
import {
  add,
  at,
  cases,
  compare,
  type Expression,
  equation,
  fraction,
  type Index,
  kronecker,
  type MathSymbol,
  type NumberArray,
  negative,
  number,
  partial,
  power,
  primitive,
  softmax,
  squaredNorm,
  subtract,
  sum,
  symbol,
  times,
} from "../math/index.ts";
import type { ExplainedLoss } from "../model.ts";
import { type Words, words } from "../words.ts";
import { type Line, line } from "./derivation.ts";
import { GraphWriter } from "./graphMath.ts";
import { elementIndices } from "./operations/structure.ts";
import { type InputGradient, unit } from "./site.ts";

/** Where a loss stands: what the network gives, and what it should give. */
export interface LossSite {
  readonly loss: ExplainedLoss;
  /** C. */
  readonly value: MathSymbol;
  /** z or a of the last layer. */
  readonly prediction: MathSymbol;
  readonly target: MathSymbol;
  /** Label of the last layer. */
  readonly label: string;
  /** Whether the last layer has no activation, so that a is free for what the loss makes of z. */
  readonly isLinear: boolean;
  readonly batch: number | undefined;
  readonly outputShape: Shape;
}

export interface LossEquations {
  readonly title: Words;
  readonly quantities: readonly MathSymbol[];
  readonly forward: readonly Line[];
  /** ∂C/∂prediction. */
  readonly gradient: InputGradient;
  readonly constants?: ReadonlyMap<string, NumberArray>;
  readonly observed?: ReadonlyMap<string, Node>;
  readonly known?: ReadonlyMap<Node, MathSymbol>;
}

type LossRule = (site: LossSite) => LossEquations | undefined;

/** Whether the target's symbol holds values shaped like the prediction (one-hot for labels). */
export function takesValues({ kind, options }: ExplainedLoss): boolean {
  const hasWeights =
    options.classWeights !== undefined ||
    options.weights !== undefined ||
    options.ignoreIndex !== undefined;
  return kind in lossRules && !hasWeights;
}

function samples({ batch }: LossSite): readonly Index[] {
  return batch === undefined ? [] : [unit("n", batch)];
}

/** 1/N for means over N samples. */
function perSample({ batch, loss }: LossSite): Expression {
  return batch === undefined || loss.reduction === "sum" ? number(1) : fraction(1, batch);
}

/** The factor of a mean over samples and outputs, times `factor`. */
function meanFactor(site: LossSite, factor = 1): Expression {
  if (site.loss.reduction === "sum") return number(factor);
  return fraction(factor, sizeOf(site.prediction.shape));
}

const lossRules: Readonly<Record<string, LossRule>> = {
  crossEntropy,
  mse: squaredError,
  mae: (site) =>
    ofDifferences(site, {
      title: words("mean absolute error", "平均绝对误差"),
      value: (d) => primitive("abs", d),
      slope: (d) => primitive("sign", d),
    }),
  huber: (site) => {
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
  },
  smoothL1: (site) => {
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
  },
  binaryCrossEntropy,
};

/** The equations of a loss: by hand where it is known, else from its graph. */
export function lossEquations(site: LossSite): LossEquations {
  const known = takesValues(site.loss) ? lossRules[site.loss.kind]?.(site) : undefined;
  return known ?? lossFromGraph(site);
}

/** −Σ_k y_k ln a_k with a = softmax(z); the gradient is a − y. */
function crossEntropy(site: LossSite): LossEquations | undefined {
  if (site.outputShape.length !== 1) return undefined;
  const { prediction: z, target: y, value, label, isLinear } = site;
  const n = samples(site);
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

/** Mean of (a − y)² over outputs and samples. */
function squaredError(site: LossSite): LossEquations {
  const { prediction: a, target: y, value } = site;
  const indices = [...samples(site), ...valueIndices(site)];
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

function valueIndices(site: LossSite): readonly Index[] {
  return site.outputShape.length === 1
    ? [unit("k", site.outputShape[0])]
    : elementIndices(site.outputShape);
}

interface DifferenceLoss {
  readonly title: Words;
  readonly value: (difference: Expression) => Expression;
  readonly slope: (difference: Expression) => Expression;
}

/** Mean over outputs and samples of a function of a − y. */
function ofDifferences(site: LossSite, { title, value, slope }: DifferenceLoss): LossEquations {
  const { prediction: a, target: y, value: loss } = site;
  const indices = [...samples(site), ...valueIndices(site)];
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

/** −Σ (y ln p + (1 − y) ln(1 − p)), from logits with p = σ(z) or from probabilities. */
function binaryCrossEntropy(site: LossSite): LossEquations | undefined {
  const { options } = site.loss;
  if (options.posWeight !== undefined) return undefined;
  const { prediction: z, target: y, value, label, isLinear } = site;
  const fromLogits = options.fromLogits !== false;
  const indices = [...samples(site), ...valueIndices(site)];
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

/** Any loss from its graph and the gradient rules of the graph. */
function lossFromGraph(site: LossSite): LossEquations {
  const { loss, prediction, target, value } = site;
  const known = new Map<Node, MathSymbol>();
  const z = build.input("prediction", prediction.shape, "float64");
  const isLabels = target.shape.length < prediction.shape.length;
  const y = build.input("target", target.shape, isLabels ? "int32" : "float64");
  known.set(z, prediction);
  known.set(y, target);
  const rows = (node: Node) =>
    site.batch === undefined ? build.reshape(node, [1, ...node.shape]) : node;
  const scalar = batchLoss(loss, rows(z), rows(y));
  const [dz] = gradients([{ output: scalar, gradient: build.fullLike(1, scalar) }], [z]);
  const [forwardNode, gradientNode] = simplify([scalar, dz]);
  const writer = new GraphWriter(known, [forwardNode, gradientNode], (n) => ({
    key: `loss.v${n}`,
    letter: "v",
    mark: String(n),
  }));
  const result = writer.equationOf(value, forwardNode);
  const forward = [...writer.takeLines(), line(result, "definition")];
  const { indices, right } = writer.equationOf(partial(value, prediction), gradientNode);
  return {
    title: words(`loss "${loss.kind}"`, `“${loss.kind}”损失`),
    quantities: writer.quantities,
    constants: writer.constants,
    observed: writer.observed,
    known,
    forward,
    gradient: { indices, element: right, rule: "graphRule", steps: [], before: writer.takeLines() },
  };
}

/** The loss of a batch, a scalar node: the mean or the sum of its samples' losses, as the loss has it. */
export function batchLoss(loss: ExplainedLoss, prediction: Node, target: Node): Node {
  const [p, t] = [fromNode(prediction), fromNode(target)];
  const each = loss.perSample(p, t);
  if (loss.reduction === "sum") return each.sum().node;
  const weights = loss.sampleWeights?.(p, t);
  return (weights === undefined ? each.mean() : each.sum().div(weights.sum())).node;
}
