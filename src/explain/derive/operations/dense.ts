/** Layers of units that see all inputs: dense (linear) and quadratic. */

import {
  add,
  at,
  type Expression,
  equation,
  hadamard,
  kronecker,
  type MathSymbol,
  matmul,
  ones,
  sum,
  symbol,
  times,
  transpose,
} from "../../math/index.ts";
import { words } from "../../words.ts";
import { type Line, line } from "../derivation.ts";
import {
  biasMeaning,
  chainSteps,
  gradientLine,
  type Operation,
  parameterSymbol,
  type Site,
  sampleIndex,
  unit,
  weightMeaning,
} from "../site.ts";

/** The indices of a layer of units: sample, unit, input, and second ones for derivatives. */
function unitIndices(site: Site) {
  const [units] = site.outputShape;
  const [inputs] = site.inputShape;
  const n = sampleIndex(site);
  return {
    n,
    m: sampleIndex(site, "m"),
    i: unit("i", units),
    k: unit("k", units),
    j: unit("j", inputs),
  };
}

/** [m = n] in batch mode: samples do not mix. */
function sameSample(m: readonly Parameters<typeof kronecker>[0][], n: typeof m): Expression[] {
  return m.map((index, axis) => kronecker(index, n[axis]));
}

/** The gradient of a bias: the error, summed over samples. */
function biasGradient(site: Site, b: MathSymbol): Line {
  const { n, i, k } = unitIndices(site);
  const delta = site.error;
  return gradientLine(
    site,
    b,
    [i],
    {
      element: sum(n, at(delta, [...n, i])),
      whole:
        site.batch === undefined
          ? symbol(delta)
          : matmul(transpose(symbol(delta)), ones(site.batch)),
      rule: "chainRule",
    },
    chainSteps(site, [...n, k], b, [i], { value: kronecker(k, i), rule: "linearForm" }),
  );
}

/** x Wᵀ by rows in batch mode, W x otherwise. */
function product(site: Site, weight: Expression, x: Expression): Expression {
  return site.batch === undefined ? matmul(weight, x) : matmul(x, transpose(weight));
}

/** Wᵀ δ, or by rows Δ W. */
function backProduct(site: Site, weight: Expression): Expression {
  const delta = symbol(site.error);
  return site.batch === undefined ? matmul(transpose(weight), delta) : matmul(delta, weight);
}

/** δ xᵀ, or summed over the samples Δᵀ X. */
function outerProduct(site: Site, x: Expression): Expression {
  const delta = symbol(site.error);
  return site.batch === undefined ? matmul(delta, transpose(x)) : matmul(transpose(delta), x);
}

function biasTerm(site: Site, b: Expression): Expression {
  return site.batch === undefined ? b : matmul(ones(site.batch), transpose(b));
}

/** z = W a + b;  by rows Z = A Wᵀ + 1 bᵀ. */
export function dense(site: Site): Operation | undefined {
  if (site.inputShape.length !== 1) return undefined;
  const W = parameterSymbol(site, "weight", "W", weightMeaning);
  const b = site.parameters.has("bias")
    ? parameterSymbol(site, "bias", "b", biasMeaning)
    : undefined;
  const { n, m, i, k, j } = unitIndices(site);
  const [a, z, delta] = [site.input, site.output, site.error];
  const weight = symbol(W);
  const elementOf = (unitIndex: typeof i) =>
    add(
      sum([j], times(at(W, [unitIndex, j]), at(a, [...n, j]))),
      ...(b ? [at(b, [unitIndex])] : []),
    );
  return {
    title: words("dense layer", "全连接层"),
    parameters: [{ path: W.key, symbol: W }, ...(b ? [{ path: b.key, symbol: b }] : [])],
    quantities: [],
    forward: [
      line(
        equation(
          z,
          [],
          add(product(site, weight, symbol(a)), ...(b ? [biasTerm(site, symbol(b))] : [])),
        ),
        "forward",
        [line(equation(z, [...n, i], elementOf(i)), "scalarForm")],
      ),
    ],
    inputGradient: {
      indices: [...n, j],
      element: sum([i], times(at(W, [i, j]), at(delta, [...n, i]))),
      whole: backProduct(site, weight),
      rule: "chainRule",
      steps: chainSteps(site, [...m, i], a, [...n, j], {
        value: times(...sameSample(m, n), at(W, [i, j])),
        rule: "linearForm",
      }),
      before: [],
    },
    parameterGradients: [
      gradientLine(
        site,
        W,
        [i, j],
        {
          element: sum(n, times(at(delta, [...n, i]), at(a, [...n, j]))),
          whole: outerProduct(site, symbol(a)),
          rule: "chainRule",
        },
        chainSteps(site, [...n, k], W, [i, j], {
          value: times(kronecker(k, i), at(a, [...n, j])),
          rule: "linearForm",
        }),
      ),
      ...(b ? [biasGradient(site, b)] : []),
    ],
  };
}

/** z = U (a ⊙ a) + V a + b: the unit of a multi-layer quadratic perceptron. */
export function quadratic(site: Site): Operation | undefined {
  if (site.inputShape.length !== 1) return undefined;
  const U = parameterSymbol(site, "u", "U", words("quadratic weights", "二次权重"));
  const V = parameterSymbol(site, "v", "V", words("linear weights", "一次权重"));
  const b = parameterSymbol(site, "b", "b", biasMeaning);
  const { n, m, i, k, j } = unitIndices(site);
  const [a, z, delta] = [site.input, site.output, site.error];
  const x = symbol(a);
  const squares = hadamard(x, x);
  const square = (...indices: Parameters<typeof at>[1]): Expression => ({
    type: "power",
    base: at(a, indices),
    exponent: { type: "number", value: 2 },
  });
  const slope = add(times(2, at(U, [i, j]), at(a, [...n, j])), at(V, [i, j]));
  return {
    title: words("quadratic layer", "二次层"),
    parameters: [U, V, b].map((s) => ({ path: s.key, symbol: s })),
    quantities: [],
    forward: [
      line(
        equation(
          z,
          [],
          add(
            product(site, symbol(U), squares),
            product(site, symbol(V), x),
            biasTerm(site, symbol(b)),
          ),
        ),
        "forward",
        [
          line(
            equation(
              z,
              [...n, i],
              add(
                sum(
                  [j],
                  add(
                    times(at(U, [i, j]), square(...n, j)),
                    times(at(V, [i, j]), at(a, [...n, j])),
                  ),
                ),
                at(b, [i]),
              ),
            ),
            "scalarForm",
          ),
        ],
      ),
    ],
    inputGradient: {
      indices: [...n, j],
      element: sum([i], times(at(delta, [...n, i]), slope)),
      whole: add(hadamard(times(2, x), backProduct(site, symbol(U))), backProduct(site, symbol(V))),
      rule: "chainRule",
      steps: chainSteps(site, [...m, i], a, [...n, j], {
        value: times(...sameSample(m, n), slope),
        rule: "powerRule",
      }),
      before: [],
    },
    parameterGradients: [
      gradientLine(
        site,
        U,
        [i, j],
        {
          element: sum(n, times(at(delta, [...n, i]), square(...n, j))),
          whole: outerProduct(site, squares),
          rule: "chainRule",
        },
        chainSteps(site, [...n, k], U, [i, j], {
          value: times(kronecker(k, i), square(...n, j)),
          rule: "linearForm",
        }),
      ),
      gradientLine(
        site,
        V,
        [i, j],
        {
          element: sum(n, times(at(delta, [...n, i]), at(a, [...n, j]))),
          whole: outerProduct(site, x),
          rule: "chainRule",
        },
        chainSteps(site, [...n, k], V, [i, j], {
          value: times(kronecker(k, i), at(a, [...n, j])),
          rule: "linearForm",
        }),
      ),
      biasGradient(site, b),
    ],
  };
}
