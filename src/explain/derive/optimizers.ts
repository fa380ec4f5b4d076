/** Update rules of optimizers, with each parameter's gradient. */

import { simplify } from "../../compile/index.ts";
import { build, type Node } from "../../ir/index.ts";
import { fromNode } from "../../tensor/index.ts";
import {
  add,
  at,
  type Expression,
  equation,
  fraction,
  keyOf,
  type MathSymbol,
  partial,
  power,
  primitive,
  subtract,
  symbol,
  times,
} from "../math/index.ts";
import { type ExplainedOptimizer, stateOf, stepOf } from "../model.ts";
import { type Words, words } from "../words.ts";
import { type Line, line } from "./derivation.ts";
import { GraphWriter } from "./graphMath.ts";

/** The update of every parameter. */
export interface UpdateEquations {
  readonly title: Words;
  readonly quantities: readonly MathSymbol[];
  readonly lines: readonly Line[];
}

/** Key of a parameter's value after the update. */
const nextKey = (s: MathSymbol): string => `next.${s.key}`;
/** Key of a tensor of the optimizer's state, by its name such as `0.weight/velocity`. */
export const stateKey = (name: string): string => `state.${name}`;

const rateLetters: Readonly<Record<string, { readonly letter: string; readonly mark?: string }>> = {
  learningRate: { letter: "η" },
  momentum: { letter: "μ" },
  weightDecay: { letter: "λ" },
  beta1: { letter: "β", mark: "1" },
  beta2: { letter: "β", mark: "2" },
  epsilon: { letter: "ε" },
  dampening: { letter: "τ" },
  rho: { letter: "ρ" },
  alpha: { letter: "α" },
};

/** The symbol of a hyper-parameter. */
export function rateSymbol(name: string): MathSymbol {
  const { letter, mark } = rateLetters[name] ?? { letter: name };
  return {
    key: `rate.${name}`,
    letter,
    ...(mark && { mark }),
    shape: [],
    meaning: rateMeanings[name] ?? words(name, name),
  };
}

const rateMeanings: Readonly<Record<string, Words>> = {
  learningRate: words("learning rate", "学习率"),
  momentum: words("momentum", "动量"),
  weightDecay: words("weight decay", "权重衰减"),
  beta1: words("decay of the mean of gradients", "梯度均值的衰减率"),
  beta2: words("decay of the mean of squared gradients", "梯度平方均值的衰减率"),
  epsilon: words("keeps the quotient finite", "防止除零的小量"),
};

export const stepSymbol: MathSymbol = {
  key: "step",
  letter: "t",
  shape: [],
  meaning: words("number of the step, from 1", "步数，从 1 开始"),
};

/** What an update does with one parameter. */
interface UpdateSite {
  readonly optimizer: ExplainedOptimizer;
  readonly loss: MathSymbol;
  readonly parameter: MathSymbol;
  /** The line of ∂C/∂θ. */
  readonly gradient: Line | undefined;
}

const next = (s: MathSymbol): MathSymbol => ({
  ...s,
  key: nextKey(s),
  mark: s.mark ? `${s.mark},new` : "new",
});

const stateMeaning = words("state of the optimizer", "优化器的状态");

function slot(
  name: string,
  letter: string,
  { parameter }: Pick<UpdateSite, "parameter">,
  isNext = false,
): MathSymbol {
  const own: MathSymbol = {
    key: stateKey(`${parameter.key}/${name}`),
    letter,
    layer: parameter.layer,
    mark: parameter.letter,
    shape: parameter.shape,
    meaning: stateMeaning,
  };
  return isNext ? nextState(own) : own;
}

type UpdateRule = (site: UpdateSite) => readonly Line[] | undefined;

const updateRules: Readonly<Record<string, UpdateRule>> = {
  sgd: ({ optimizer, ...site }) => {
    const known = ["learningRate", "momentum", "nesterov", "weightDecay"];
    if (Object.entries(optimizer.options).some(([name, value]) => value && !known.includes(name))) {
      return undefined;
    }
    const full = { optimizer, ...site };
    const { parameter: w } = site;
    const g = decayed(full);
    const rate = symbol(rateSymbol("learningRate"));
    const momentum = Number(optimizer.options.momentum ?? 0);
    if (momentum === 0) {
      return [
        line(
          equation(next(w), [], subtract(symbol(w), times(rate, g))),
          "update",
          g.type === "partial" ? substituted(full, rate) : [],
        ),
      ];
    }
    const mu = symbol(rateSymbol("momentum"));
    const velocity = slot("velocity", "v", full);
    const after = slot("velocity", "v", full, true);
    const direction = optimizer.options.nesterov ? add(g, times(mu, symbol(after))) : symbol(after);
    return [
      line(equation(after, [], add(times(mu, symbol(velocity)), g)), "update"),
      line(equation(next(w), [], subtract(symbol(w), times(rate, direction))), "update"),
    ];
  },
  adam: (site) => {
    const { optimizer, parameter: w } = site;
    if (optimizer.options.amsgrad) return undefined;
    const g = decayed(site);
    const [b1, b2, eps, rate] = ["beta1", "beta2", "epsilon", "learningRate"].map((name) =>
      symbol(rateSymbol(name)),
    );
    const [m, v] = [slot("m", "m", site), slot("v", "v", site)];
    const [mNext, vNext] = [slot("m", "m", site, true), slot("v", "v", site, true)];
    const t = symbol(stepSymbol);
    const hat = (s: MathSymbol, beta: Expression) => {
      const corrected: MathSymbol = { ...s, key: `${s.key}.corrected`, accent: "hat" };
      const right = fraction(symbol(s), subtract(1, power(beta, t)));
      return { symbol: corrected, line: line(equation(corrected, [], right), "update") };
    };
    const [mHat, vHat] = [hat(mNext, b1), hat(vNext, b2)];
    return [
      line(equation(mNext, [], add(times(b1, symbol(m)), times(subtract(1, b1), g))), "update"),
      line(
        equation(vNext, [], add(times(b2, symbol(v)), times(subtract(1, b2), power(g, 2)))),
        "update",
        [],
        words(
          "squares, quotients and roots are taken element by element",
          "平方、商与根均逐元素计算",
        ),
      ),
      mHat.line,
      vHat.line,
      line(
        equation(
          next(w),
          [],
          subtract(
            symbol(w),
            times(
              rate,
              fraction(symbol(mHat.symbol), add(primitive("sqrt", symbol(vHat.symbol)), eps)),
            ),
          ),
        ),
        "update",
      ),
    ];
  },
};

/** w − η ∂C/∂w with the gradient's own formulas in its place: whole, and element by element. */
function substituted({ parameter, gradient }: UpdateSite, rate: Expression): readonly Line[] {
  if (gradient === undefined) return [];
  const isWhole = gradient.equation.indices.length === 0;
  const whole = isWhole ? gradient.equation : undefined;
  const element = isWhole
    ? gradient.steps.find(({ rule }) => rule === "kronecker")?.equation
    : gradient.equation;
  return [whole, element].flatMap((form) =>
    form
      ? [
          line(
            equation(
              next(parameter),
              form.indices,
              subtract(at(parameter, form.indices), times(rate, form.right)),
            ),
            "substitution",
          ),
        ]
      : [],
  );
}

/** g, or g + λ w with weight decay. */
function decayed({ optimizer, loss, parameter }: UpdateSite): Expression {
  const g = partial(loss, parameter);
  if (!(Number(optimizer.options.weightDecay ?? 0) > 0)) return g;
  return add(g, times(symbol(rateSymbol("weightDecay")), symbol(parameter)));
}

/** The update of every parameter; from the graph of a step where it has no equations of its own. */
export function updateEquations(
  optimizer: ExplainedOptimizer,
  loss: MathSymbol,
  parameters: readonly MathSymbol[],
  gradientLines: ReadonlyMap<string, Line>,
): UpdateEquations {
  const title = words(`optimizer ${optimizer.kind}`, `优化器 ${optimizer.kind}`);
  if (optimizer.needs !== undefined) return { title, lines: [], quantities: [] };
  const known = parameters.map((parameter) =>
    updateRules[optimizer.kind]?.({
      optimizer,
      loss,
      parameter,
      gradient: gradientLines.get(parameter.key),
    }),
  );
  const lines = known.every((rule) => rule !== undefined)
    ? known.flat()
    : fromGraph(optimizer, loss, parameters);
  return {
    title,
    lines,
    quantities: [
      ...Object.keys(optimizer.rates).map(rateSymbol),
      stepSymbol,
      ...stateSymbols(optimizer, parameters),
    ],
  };
}

const shapesOf = (parameters: readonly MathSymbol[]) =>
  new Map(parameters.map(({ key, shape }) => [key, shape]));

/** The optimizer's state as symbols. */
function stateSymbols(
  optimizer: ExplainedOptimizer,
  parameters: readonly MathSymbol[],
): MathSymbol[] {
  return [...stateOf(optimizer, shapesOf(parameters))].map(([name, { shape }]) => {
    const parameter = parameters.find(({ key }) => name.startsWith(`${key}/`));
    const own = name.slice(name.lastIndexOf("/") + 1);
    if (parameter) return slot(own, slotLetter(own), { parameter });
    return { key: stateKey(name), letter: own, shape, meaning: stateMeaning };
  });
}

const slotLetter = (name: string) =>
  name === "velocity" ? "v" : [...name].length === 1 ? name : "s";

const nextState = (s: MathSymbol): MathSymbol => ({
  ...s,
  key: `next.${s.key}`,
  mark: s.mark ? `${s.mark},new` : "new",
});

/** One step of any optimizer, from its graph. */
function fromGraph(
  optimizer: ExplainedOptimizer,
  loss: MathSymbol,
  parameters: readonly MathSymbol[],
): readonly Line[] {
  const known = new Map<Node, MathSymbol>();
  const tensorOf = (s: MathSymbol) => {
    const node = build.input(s.key, s.shape, "float64");
    known.set(node, s);
    return fromNode(node);
  };
  const gradientOf = (s: MathSymbol): MathSymbol => ({
    ...s,
    key: keyOf(partial(loss, s)),
    letter: "g",
    mark: s.letter,
  });
  const states = stateSymbols(optimizer, parameters);
  const names = [...stateOf(optimizer, shapesOf(parameters)).keys()];
  const result = stepOf(optimizer, {
    parameters: new Map(parameters.map((s) => [s.key, tensorOf(s)])),
    gradients: new Map(parameters.map((s) => [s.key, tensorOf(gradientOf(s))])),
    state: new Map(states.map((s, i) => [names[i], tensorOf(s)])),
    rates: Object.fromEntries(
      Object.keys(optimizer.rates).map((name) => [name, tensorOf(rateSymbol(name))]),
    ),
    step: tensorOf(stepSymbol),
  });
  const targets = [
    ...states.map((s, i) => ({ target: nextState(s), tensor: result.state.get(names[i]) })),
    ...parameters.map((s) => ({ target: next(s), tensor: result.parameters.get(s.key) })),
  ].flatMap(({ target, tensor }) => (tensor ? [{ target, node: tensor.node }] : []));
  const roots = simplify(targets.map(({ node }) => node));
  const writer = new GraphWriter(
    known,
    roots,
    (n) => ({ key: `update.u${n}`, letter: "u", mark: String(n) }),
    "update",
  );
  return targets.flatMap(({ target }, i) => {
    const own = writer.equationOf(target, roots[i]);
    return [...writer.takeLines(), line(own, "update")];
  });
}
