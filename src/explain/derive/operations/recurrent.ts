/** Recurrent layers: simple RNN, LSTM and GRU, by backpropagation through time. */

import { activations, sigma } from "../../activations/catalogue.ts";
import {
  add,
  apply,
  applyDerivative,
  at,
  bracket,
  cases,
  compare,
  type Expression,
  equation,
  hadamard,
  type Index,
  type MathFunction,
  type MathSymbol,
  matmul,
  number,
  partial,
  position,
  power,
  primitive,
  type Recursion,
  subtract,
  sum,
  symbol,
  times,
  transpose,
} from "../../math/index.ts";
import { type Words, words } from "../../words.ts";
import { type Line, line } from "../derivation.ts";
import type { RuleName } from "../rules.ts";
import {
  gradientLine,
  layerSymbol,
  type Operation,
  parameterSymbol,
  type Site,
  sampleIndex,
  unit,
} from "../site.ts";

/** What the three layers share: inputs, states, weights, and the order of time. */
interface Sequence {
  readonly site: Site;
  /** Sample (in batch mode) and time. */
  readonly place: readonly Index[];
  readonly t: Index;
  readonly units: number;
  readonly W: MathSymbol;
  readonly U: MathSymbol;
  readonly b: MathSymbol;
  readonly c: MathSymbol;
  readonly h: MathSymbol;
  readonly forwards: Recursion;
  readonly backwards: Recursion;
}

function sequenceOf(site: Site): Sequence | undefined {
  const [time, features] = site.inputShape;
  const weight = site.parameters.get("inputWeight");
  const hidden = site.parameters.get("recurrentWeight");
  if (features === undefined || weight === undefined || hidden === undefined) return undefined;
  const units = hidden.shape[1];
  const n = sampleIndex(site);
  const t = unit("t", time);
  const isReversed = site.options.reverse === true;
  const lead = n.map(({ size }) => size);
  return {
    site,
    place: [...n, t],
    t,
    units,
    W: parameterSymbol(site, "inputWeight", "W", words("input weights", "输入权重")),
    U: parameterSymbol(site, "recurrentWeight", "U", words("recurrent weights", "循环权重")),
    b: parameterSymbol(site, "inputBias", "b", words("input biases", "输入偏置")),
    c: parameterSymbol(site, "recurrentBias", "c", words("recurrent biases", "循环偏置")),
    h: layerSymbol(
      site,
      "states",
      "h",
      [...lead, time, units],
      words("hidden states over time (0 before the first)", "各时刻的隐藏状态（初始前为 0）"),
    ),
    forwards: { over: t, isDescending: isReversed },
    backwards: { over: t, isDescending: !isReversed },
  };
}

/** The value one step earlier, 0 before the first. */
function before({ place, t, forwards }: Sequence, s: MathSymbol | Expression): Expression {
  return stepFrom(place, t, forwards.isDescending ? 1 : -1, s);
}

/** The value one step later, 0 after the last. */
function after({ place, t, forwards }: Sequence, s: MathSymbol | Expression): Expression {
  return stepFrom(place, t, forwards.isDescending ? -1 : 1, s);
}

function stepFrom(
  place: readonly Index[],
  t: Index,
  step: number,
  s: MathSymbol | Expression,
): Expression {
  return at(
    s,
    place.map((index) => (index === t ? add(position(index), step) : position(index))),
    0,
  );
}

/** A quantity for each time. */
function overTime(
  { site, place }: Sequence,
  name: string,
  letter: string,
  size: number,
  meaning: Words,
): MathSymbol {
  return layerSymbol(site, name, letter, [...place.map((index) => index.size), size], meaning);
}

/** What reaches the state at time t from above: δ_t, or δ at the last step only. */
function fromAbove({ site, place, t, forwards }: Sequence): Expression {
  const isSequence = site.options.sequence === true;
  if (isSequence) return at(site.error, place);
  const last = forwards.isDescending ? 1 : t.size;
  const isLast = bracket(compare(position(t), "=", lastPosition(t, last)));
  return times(isLast, at(site.error, place.slice(0, -1)));
}

/** Position `shown` (counted from 1) as the evaluator counts it, shown as it is read. */
function lastPosition(t: Index, shown: number): Expression {
  return position({ name: String(shown), size: t.size, base: 1, fixed: shown - 1 });
}

/** The layer's result: all states, or the one of the last step. */
function resultLine({ site, place, t, h, forwards }: Sequence): Line {
  if (site.options.sequence === true) return line(equation(site.output, [], symbol(h)), "forward");
  const lead = place.slice(0, -1);
  const last = lastPosition(t, forwards.isDescending ? 1 : t.size);
  return line(equation(site.output, lead, at(h, [...lead, last])), "forward");
}

/** Gradients of W, U, b, c and of the input from those of the sums s = W x + b and v = U h + c. */
function weightGradients(
  sequence: Sequence,
  bySum: Expression,
  byRecurrent: Expression,
): Pick<Operation, "parameters" | "parameterGradients" | "inputGradient"> {
  const { site, place, W, U, b, c, h } = sequence;
  const overAll = (of: Expression) => sum(place, of);
  const gradient = (s: MathSymbol, element: Expression, indices: readonly Index[] = []): Line =>
    gradientLine(site, s, indices, { element, rule: "throughTime" }, []);
  const x = at(site.input, place);
  const j = unit("j", site.inputShape[1]);
  const g = unit("g", W.shape[0]);
  return {
    parameters: [W, U, b, c].map((s) => ({ path: s.key, symbol: s })),
    parameterGradients: [
      gradient(W, overAll(matmul(at(bySum, place), transpose(x)))),
      gradient(U, overAll(matmul(at(byRecurrent, place), transpose(before(sequence, h))))),
      gradient(b, overAll(at(bySum, place))),
      gradient(c, overAll(at(byRecurrent, place))),
    ],
    inputGradient: {
      indices: [...place, j],
      element: sum([g], times(at(W, [g, j]), at(bySum, [...place, g]))),
      rule: "chainRule",
      steps: [],
      before: [],
    },
  };
}

/** hₜ = f(W xₜ + b + U hₜ₋₁ + c). Elman, 1990. */
export function rnn(site: Site): Operation | undefined {
  const sequence = sequenceOf(site);
  if (sequence === undefined) return undefined;
  const { place, W, U, b, c, h, units, forwards, backwards } = sequence;
  const f: MathFunction = activations[site.options.activation === "relu" ? "relu" : "tanh"].make(
    {},
  );
  const s = overTime(sequence, "sums", "s", units, words("weighted sums", "加权和"));
  const bySum = partial(site.loss, s);
  const inside = add(
    matmul(symbol(W), at(site.input, place)),
    symbol(b),
    matmul(symbol(U), before(sequence, h)),
    symbol(c),
  );
  const error = hadamard(
    add(fromAbove(sequence), matmul(transpose(symbol(U)), after(sequence, bySum))),
    applyDerivative(f, at(s, place)),
  );
  const shared = weightGradients(sequence, bySum, bySum);
  return {
    title: words("recurrent layer", "循环层"),
    ...shared,
    quantities: [s, h],
    functions: [f],
    forward: [
      line(equation(s, place, inside, { recursion: forwards }), "forward"),
      line(equation(h, place, apply(f, at(s, place)), { recursion: forwards }), "forward"),
      resultLine(sequence),
    ],
    inputGradient: shared.inputGradient,
    errors: [line(equation(bySum, place, error, { recursion: backwards }), "throughTime")],
  };
}

/** The part of stacked gates that starts at `block` times the number of units. */
function gateOf({ units, place }: Sequence, s: MathSymbol, block: number, j: Index): Expression {
  return at(s, [...place, add(position(j), block * units)]);
}

/** One formula for each block of stacked gates; `k` runs over all of them. */
function blocks(
  { units }: Sequence,
  k: Index,
  formulas: readonly ((j: Expression) => Expression)[],
): Expression {
  const values = formulas.map((formula, block) => formula(subtract(position(k), block * units)));
  return cases(
    values.slice(0, -1).map((value, block) => ({
      value,
      condition: compare(position(k), "<", number((block + 1) * units)),
    })),
    values[values.length - 1],
  );
}

const one = (x: Expression) => subtract(1, x);

/** Long short-term memory. Hochreiter and Schmidhuber, 1997. */
export function lstm(site: Site): Operation | undefined {
  const sequence = sequenceOf(site);
  if (sequence === undefined) return undefined;
  const { place, W, U, b, c, h, units, forwards, backwards } = sequence;
  const quantity = (name: string, letter: string, size: number, en: string, zh: string) =>
    overTime(sequence, name, letter, size, words(en, zh));
  const s = quantity(
    "sums",
    "s",
    4 * units,
    "weighted sums of the gates i, f, g, o",
    "门 i、f、g、o 的加权和",
  );
  const i = quantity("write", "i", units, "input gate", "输入门");
  const f = quantity("keep", "f", units, "forget gate", "遗忘门");
  const g = quantity("candidate", "g", units, "candidate", "候选值");
  const o = quantity("read", "o", units, "output gate", "输出门");
  const m = quantity(
    "memory",
    "m",
    units,
    "memory (0 before the first step)",
    "记忆（初始前为 0）",
  );
  const j = { ...unit("j", units), base: 0 as const };
  const k = { ...unit("k", 4 * units), base: 0 as const };
  const bySum = partial(site.loss, s);
  const byState = partial(site.loss, h);
  const byMemory = partial(site.loss, m);
  const recursive = (
    target: Parameters<typeof equation>[0],
    indices: readonly Index[],
    right: Expression,
    recursion: Recursion,
    rule: RuleName,
  ) => line(equation(target, indices, right, { recursion }), rule);
  const tanh = (x: Expression) => primitive("tanh", x);
  const now = (x: MathSymbol) => at(x, place);
  const element = (x: MathSymbol | Expression, index: Expression) => at(x, [...place, index]);
  const earlier = (x: MathSymbol, index: Expression) => {
    const whole = before(sequence, x) as Expression & { type: "at" };
    return { ...whole, indices: [...whole.indices, index] };
  };
  const shared = weightGradients(sequence, bySum, bySum);
  return {
    title: words("LSTM layer", "LSTM 层"),
    ...shared,
    quantities: [s, i, f, g, o, m, h],
    functions: [sigma],
    forward: [
      recursive(
        s,
        place,
        add(
          matmul(symbol(W), at(site.input, place)),
          symbol(b),
          matmul(symbol(U), before(sequence, h)),
          symbol(c),
        ),
        forwards,
        "forward",
      ),
      ...[i, f, g, o].map((gate, block) => {
        const inside = gateOf(sequence, s, block, j);
        const value = gate === g ? tanh(inside) : apply(sigma, inside);
        return recursive(gate, [...place, j], value, forwards, "forward");
      }),
      recursive(
        m,
        place,
        add(hadamard(now(f), before(sequence, m)), hadamard(now(i), now(g))),
        forwards,
        "forward",
      ),
      recursive(h, place, hadamard(now(o), tanh(now(m))), forwards, "forward"),
      resultLine(sequence),
    ],
    errors: [
      recursive(
        byState,
        place,
        add(fromAbove(sequence), matmul(transpose(symbol(U)), after(sequence, bySum))),
        backwards,
        "throughTime",
      ),
      recursive(
        byMemory,
        place,
        add(
          hadamard(at(byState, place), now(o), one(power(tanh(now(m)), 2))),
          hadamard(after(sequence, byMemory), after(sequence, f)),
        ),
        backwards,
        "throughTime",
      ),
      recursive(
        bySum,
        [...place, k],
        blocks(sequence, k, [
          (r) => times(element(byMemory, r), element(g, r), element(i, r), one(element(i, r))),
          (r) => times(element(byMemory, r), earlier(m, r), element(f, r), one(element(f, r))),
          (r) => times(element(byMemory, r), element(i, r), one(power(element(g, r), 2))),
          (r) => times(element(byState, r), tanh(element(m, r)), element(o, r), one(element(o, r))),
        ]),
        backwards,
        "throughTime",
      ),
    ],
  };
}

/** Gated recurrent unit. Cho et al., EMNLP 2014. */
export function gru(site: Site): Operation | undefined {
  const sequence = sequenceOf(site);
  if (sequence === undefined) return undefined;
  const { place, W, U, b, c, h, units, forwards, backwards } = sequence;
  const quantity = (name: string, letter: string, size: number, en: string, zh: string) =>
    overTime(sequence, name, letter, size, words(en, zh));
  const s = quantity(
    "sums",
    "s",
    3 * units,
    "input sums of the gates r, z, n",
    "门 r、z、n 的输入和",
  );
  const v = quantity("recurrent", "v", 3 * units, "recurrent sums of the gates", "门的循环和");
  const r = quantity("reset", "r", units, "reset gate", "重置门");
  const z = quantity("keep", "z", units, "update gate", "更新门");
  const q = quantity("candidate", "q", units, "candidate", "候选值");
  const j = { ...unit("j", units), base: 0 as const };
  const k = { ...unit("k", 3 * units), base: 0 as const };
  const bySum = partial(site.loss, s);
  const byRecurrent = partial(site.loss, v);
  const byState = partial(site.loss, h);
  const recursive = (
    target: Parameters<typeof equation>[0],
    indices: readonly Index[],
    right: Expression,
    recursion: Recursion,
    rule: RuleName,
  ) => line(equation(target, indices, right, { recursion }), rule);
  const now = (x: MathSymbol) => at(x, place);
  const element = (x: MathSymbol | Expression, index: Expression) => at(x, [...place, index]);
  const earlier = (x: MathSymbol, index: Expression) => {
    const whole = before(sequence, x) as Expression & { type: "at" };
    return { ...whole, indices: [...whole.indices, index] };
  };
  const both = (block: number) => add(gateOf(sequence, s, block, j), gateOf(sequence, v, block, j));
  /** ∂C/∂(the sum of the candidate). */
  const candidateError = (index: Expression) =>
    times(element(byState, index), one(element(z, index)), one(power(element(q, index), 2)));
  const resetError = (index: Expression) =>
    times(
      candidateError(index),
      at(v, [...place, add(index, 2 * units)]),
      element(r, index),
      one(element(r, index)),
    );
  const updateError = (index: Expression) =>
    times(
      element(byState, index),
      subtract(earlier(h, index), element(q, index)),
      element(z, index),
      one(element(z, index)),
    );
  const shared = weightGradients(sequence, bySum, byRecurrent);
  return {
    title: words("GRU layer", "GRU 层"),
    ...shared,
    quantities: [s, v, r, z, q, h],
    functions: [sigma],
    forward: [
      recursive(
        s,
        place,
        add(matmul(symbol(W), at(site.input, place)), symbol(b)),
        forwards,
        "forward",
      ),
      recursive(
        v,
        place,
        add(matmul(symbol(U), before(sequence, h)), symbol(c)),
        forwards,
        "forward",
      ),
      recursive(r, [...place, j], apply(sigma, both(0)), forwards, "forward"),
      recursive(z, [...place, j], apply(sigma, both(1)), forwards, "forward"),
      recursive(
        q,
        [...place, j],
        primitive(
          "tanh",
          add(gateOf(sequence, s, 2, j), times(element(r, position(j)), gateOf(sequence, v, 2, j))),
        ),
        forwards,
        "forward",
      ),
      recursive(
        h,
        place,
        add(hadamard(one(now(z)), now(q)), hadamard(now(z), before(sequence, h))),
        forwards,
        "forward",
      ),
      resultLine(sequence),
    ],
    errors: [
      recursive(
        byState,
        place,
        add(
          fromAbove(sequence),
          hadamard(after(sequence, z), after(sequence, byState)),
          matmul(transpose(symbol(U)), after(sequence, byRecurrent)),
        ),
        backwards,
        "throughTime",
      ),
      recursive(
        bySum,
        [...place, k],
        blocks(sequence, k, [resetError, updateError, candidateError]),
        backwards,
        "throughTime",
      ),
      recursive(
        byRecurrent,
        [...place, k],
        blocks(sequence, k, [
          resetError,
          updateError,
          (index) => times(element(r, index), candidateError(index)),
        ]),
        backwards,
        "throughTime",
      ),
    ],
  };
}
