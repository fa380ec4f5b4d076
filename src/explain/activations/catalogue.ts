/** The activations that act on each element: formula, derivative, saturation, use and source. */

import {
  add,
  apply,
  cases,
  compare,
  type Expression,
  fraction,
  hadamard,
  type MathFunction,
  type MathSymbol,
  negative,
  number,
  power,
  primitive,
  subtract,
  symbol,
  times,
} from "../math/index.ts";
import { type Words, words } from "../words.ts";

/** One activation, for layers of that kind and for its sheet. */
export interface ActivationEntry {
  readonly title: Words;
  /** The function with a layer's options put in. */
  readonly make: (options: Readonly<Record<string, unknown>>) => MathFunction;
  /** The values it takes. */
  readonly range: string;
  /** Where it is flat, so that gradients vanish. */
  readonly saturation: Words;
  readonly use: Words;
  readonly source: string;
}

const argument: MathSymbol = { key: "argument", letter: "x", shape: [] };
const x = symbol(argument);
const pi = symbol({ key: "π", letter: "π", shape: [] });

const option = (options: Readonly<Record<string, unknown>>, name: string, fallback: number) =>
  typeof options[name] === "number" ? (options[name] as number) : fallback;

function define(name: string, value: Expression, derivative: Expression): MathFunction {
  return { name, argument, value, derivative };
}

const exp = (of: Expression) => primitive("exp", of);
const positive = compare(x, ">", 0);
const whenPositive = (value: Expression | number, otherwise: Expression | number) =>
  cases(
    [{ value: typeof value === "number" ? number(value) : value, condition: positive }],
    otherwise,
  );

/** σ(x) = 1/(1 + e⁻ˣ), σ′ = σ(1 − σ). */
export const sigma: MathFunction = (() => {
  const value = fraction(1, add(1, exp(negative(x))));
  const bare = define("σ", value, number(0));
  const s = apply(bare, x);
  return {
    ...define("σ", value, times(s, subtract(1, s))),
    ofResult: (a: Expression) => [a, subtract(1, a)],
  };
})();

const sigmaOf = (of: Expression) => apply(sigma, of);

const tanhFunction: MathFunction = {
  ...define(
    "tanh",
    fraction(subtract(exp(x), exp(negative(x))), add(exp(x), exp(negative(x)))),
    subtract(1, power(primitive("tanh", x), 2)),
  ),
  ofResult: (a) => [subtract(1, hadamard(a, a))],
};

/** Value between two bounds with slope inside, flat outside. */
function clipped(
  name: string,
  inside: Expression,
  slope: Expression,
  low: number,
  high: number,
): MathFunction {
  return define(
    name,
    primitive("max", low, primitive("min", high, inside)),
    cases(
      [
        { value: number(0), condition: compare(inside, "<", low) },
        { value: number(0), condition: compare(inside, ">", high) },
      ],
      slope,
    ),
  );
}

const none = words("nowhere", "无");
const left = words("for x → −∞", "x → −∞ 时");
const both = words("on both sides", "两侧");
const leftFlat = words("for all x < 0 (units can die)", "x < 0 时恒为 0（单元可能“死亡”）");

export const activations: Readonly<Record<string, ActivationEntry>> = {
  identity: {
    title: words("Identity", "恒等"),
    make: () => define("id", x, number(1)),
    range: "(−∞, ∞)",
    saturation: none,
    use: words("outputs of regression", "回归的输出层"),
    source: "",
  },
  sigmoid: {
    title: words("Sigmoid (logistic function)", "Sigmoid（逻辑函数）"),
    make: () => sigma,
    range: "(0, 1)",
    saturation: both,
    use: words("probabilities, gates", "概率、门控"),
    source: "Verhulst, 1845",
  },
  tanh: {
    title: words("Hyperbolic tangent", "双曲正切"),
    make: () => tanhFunction,
    range: "(−1, 1)",
    saturation: both,
    use: words("recurrent layers, small networks", "循环层、小型网络"),
    source: "LeCun et al., Efficient BackProp, 1998",
  },
  hardSigmoid: {
    title: words("Hard sigmoid", "硬 Sigmoid"),
    make: (options) => {
      const slope = options.form === "taylor" ? 4 : 6;
      return clipped(
        "hardSigmoid",
        add(fraction(x, slope), fraction(1, 2)),
        fraction(1, slope),
        0,
        1,
      );
    },
    range: "[0, 1]",
    saturation: words("flat beyond both bounds", "两端界外恒定"),
    use: words("a cheap sigmoid", "廉价的 Sigmoid"),
    source: "Courbariaux, Bengio, David, 2015",
  },
  hardTanh: {
    title: words("Hard tanh", "硬 tanh"),
    make: (options) =>
      clipped("hardTanh", x, number(1), option(options, "low", -1), option(options, "high", 1)),
    range: "[−1, 1]",
    saturation: words("flat beyond both bounds", "两端界外恒定"),
    use: words("a cheap tanh", "廉价的 tanh"),
    source: "Collobert, 2004",
  },
  relu: {
    title: words("Rectified linear unit", "修正线性单元（ReLU）"),
    make: () => define("ReLU", primitive("max", 0, x), whenPositive(1, 0)),
    range: "[0, ∞)",
    saturation: leftFlat,
    use: words("the default of hidden layers", "隐藏层的默认选择"),
    source: "Nair and Hinton, ICML 2010",
  },
  relu6: {
    title: words("ReLU6", "ReLU6"),
    make: () => clipped("ReLU6", x, number(1), 0, 6),
    range: "[0, 6]",
    saturation: words("for x < 0 and x > 6", "x < 0 与 x > 6 时"),
    use: words("mobile networks in low precision", "低精度移动端网络"),
    source: "Krizhevsky, 2010",
  },
  leakyRelu: {
    title: words("Leaky ReLU", "带泄漏的 ReLU"),
    make: (options) => {
      const slope = option(options, "slope", 0.01);
      return define("LeakyReLU", whenPositive(x, times(slope, x)), whenPositive(1, slope));
    },
    range: "(−∞, ∞)",
    saturation: none,
    use: words("ReLU whose units cannot die", "不会“死亡”的 ReLU"),
    source: "Maas, Hannun, Ng, 2013",
  },
  elu: {
    title: words("Exponential linear unit", "指数线性单元（ELU）"),
    make: (options) => {
      const alpha = option(options, "alpha", 1);
      return define(
        "ELU",
        whenPositive(x, times(alpha, subtract(exp(x), 1))),
        whenPositive(1, times(alpha, exp(x))),
      );
    },
    range: "(−α, ∞)",
    saturation: left,
    use: words("hidden layers with mean near 0", "均值接近 0 的隐藏层"),
    source: "Clevert, Unterthiner, Hochreiter, ICLR 2016",
  },
  celu: {
    title: words("Continuously differentiable ELU", "连续可微 ELU（CELU）"),
    make: (options) => {
      const alpha = option(options, "alpha", 1);
      const scaled = exp(fraction(x, alpha));
      return define(
        "CELU",
        whenPositive(x, times(alpha, subtract(scaled, 1))),
        whenPositive(1, scaled),
      );
    },
    range: "(−α, ∞)",
    saturation: left,
    use: words("ELU smooth for every α", "对任意 α 光滑的 ELU"),
    source: "Barron, 2017",
  },
  selu: {
    title: words("Scaled ELU", "缩放 ELU（SELU）"),
    make: () => {
      const [alpha, scale] = [1.6732632423543772, 1.0507009873554805];
      return define(
        "SELU",
        whenPositive(times(scale, x), times(scale * alpha, subtract(exp(x), 1))),
        whenPositive(scale, times(scale * alpha, exp(x))),
      );
    },
    range: "(−1.758, ∞)",
    saturation: left,
    use: words("self-normalizing networks, with lecunNormal", "自归一化网络（配合 lecunNormal）"),
    source: "Klambauer et al., NeurIPS 2017",
  },
  gelu: {
    title: words("Gaussian error linear unit", "高斯误差线性单元（GELU）"),
    make: (options) => {
      const isTanh = [options.approximation, options.form, options.approximate].includes("tanh");
      if (isTanh) {
        const root = primitive("sqrt", fraction(2, pi));
        const inner = times(root, add(x, times(0.044715, power(x, 3))));
        const t = primitive("tanh", inner);
        const slope = times(root, add(1, times(0.134145, power(x, 2))));
        return define(
          "GELU",
          times(fraction(x, 2), add(1, t)),
          add(fraction(add(1, t), 2), times(fraction(x, 2), subtract(1, power(t, 2)), slope)),
        );
      }
      const cumulative = fraction(
        add(1, primitive("erf", fraction(x, primitive("sqrt", number(2))))),
        2,
      );
      const density = fraction(
        exp(negative(fraction(power(x, 2), 2))),
        primitive("sqrt", times(2, pi)),
      );
      return define("GELU", times(x, cumulative), add(cumulative, times(x, density)));
    },
    range: "[−0.170, ∞)",
    saturation: left,
    use: words("transformers", "Transformer"),
    source: "Hendrycks and Gimpel, 2016",
  },
  softplus: {
    title: words("Softplus", "Softplus"),
    make: (options) => {
      const beta = option(options, "beta", 1);
      const scaled = times(beta, x);
      return define(
        "softplus",
        fraction(primitive("ln", add(1, exp(scaled))), beta),
        sigmaOf(scaled),
      );
    },
    range: "(0, ∞)",
    saturation: left,
    use: words("positive outputs such as a variance", "方差等正值输出"),
    source: "Dugas et al., NeurIPS 2001",
  },
  softsign: {
    title: words("Softsign", "Softsign"),
    make: () => {
      const bottom = add(1, primitive("abs", x));
      return define("softsign", fraction(x, bottom), fraction(1, power(bottom, 2)));
    },
    range: "(−1, 1)",
    saturation: words("on both sides, more slowly than tanh", "两侧（比 tanh 更慢）"),
    use: words("a tanh with heavier tails", "拖尾更重的 tanh"),
    source: "Bergstra et al., 2009",
  },
  silu: {
    title: words("Sigmoid linear unit (swish)", "SiLU（Swish）"),
    make: () => {
      const s = sigmaOf(x);
      return define("SiLU", times(x, s), times(s, add(1, times(x, subtract(1, s)))));
    },
    range: "[−0.278, ∞)",
    saturation: left,
    use: words("deep convolutional networks", "深层卷积网络"),
    source: "Elfwing, Uchibe, Doya, 2018",
  },
  mish: {
    title: words("Mish", "Mish"),
    make: () => {
      const s = primitive("ln", add(1, exp(x)));
      const t = primitive("tanh", s);
      return define("Mish", times(x, t), add(t, times(x, sigmaOf(x), subtract(1, power(t, 2)))));
    },
    range: "[−0.309, ∞)",
    saturation: left,
    use: words("object detection", "目标检测"),
    source: "Misra, BMVC 2020",
  },
  logSigmoid: {
    title: words("Logarithm of the sigmoid", "对数 Sigmoid"),
    make: () =>
      define("logσ", negative(primitive("ln", add(1, exp(negative(x))))), sigmaOf(negative(x))),
    range: "(−∞, 0)",
    saturation: words("for x → ∞", "x → ∞ 时"),
    use: words("log probabilities", "对数概率"),
    source: "",
  },
  hardSwish: {
    title: words("Hard swish", "硬 Swish"),
    make: () =>
      define(
        "hardSwish",
        fraction(times(x, primitive("max", 0, primitive("min", 6, add(x, 3)))), 6),
        cases(
          [
            { value: number(0), condition: compare(x, "<", -3) },
            { value: number(1), condition: compare(x, ">", 3) },
          ],
          fraction(add(times(2, x), 3), 6),
        ),
      ),
    range: "[−0.375, ∞)",
    saturation: words("for x < −3", "x < −3 时"),
    use: words("mobile networks", "移动端网络"),
    source: "Howard et al., ICCV 2019",
  },
  step: {
    title: words("Step (perceptron)", "阶跃（感知机）"),
    make: ({ straightThrough }) => {
      // A straight-through step pretends to be the identity, or the identity between −1 and 1.
      const isInside = compare(primitive("abs", x), "≤", 1);
      const pretended =
        straightThrough === "clipped"
          ? cases([{ value: number(1), condition: isInside }], 0)
          : number(straightThrough === "identity" ? 1 : 0);
      const value = cases([{ value: number(1), condition: compare(x, "≥", 0) }], 0);
      return define("step", value, pretended);
    },
    range: "{0, 1}",
    saturation: words("everywhere: the derivative is 0", "处处：导数为 0"),
    use: words("the perceptron; no gradient flows", "感知机；梯度无法传递"),
    source: "McCulloch and Pitts, 1943; Rosenblatt, 1958",
  },
};
