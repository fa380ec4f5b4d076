import {
  add,
  at,
  bracket,
  cases,
  compare,
  type Expression,
  equation,
  type Index,
  type MathSymbol,
  matmul,
  number,
  position,
  type Recursion,
  subtract,
  sum,
  symbol,
  times,
  transpose,
} from "../../math/index.ts";
import { type Words, words } from "../../words.ts";
import { type Line, line } from "../derivation.ts";
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
export interface Sequence {
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

export function sequenceOf(site: Site): Sequence | undefined {
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
export function before({ place, t, forwards }: Sequence, s: MathSymbol | Expression): Expression {
  return stepFrom(place, t, forwards.isDescending ? 1 : -1, s);
}

/** The value one step later, 0 after the last. */
export function after({ place, t, forwards }: Sequence, s: MathSymbol | Expression): Expression {
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
export function overTime(
  { site, place }: Sequence,
  name: string,
  letter: string,
  size: number,
  meaning: Words,
): MathSymbol {
  return layerSymbol(site, name, letter, [...place.map((index) => index.size), size], meaning);
}

/** What reaches the state at time t from above: δ_t, or δ at the last step only. */
export function fromAbove({ site, place, t, forwards }: Sequence): Expression {
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
export function resultLine({ site, place, t, h, forwards }: Sequence): Line {
  if (site.options.sequence === true) return line(equation(site.output, [], symbol(h)), "forward");
  const lead = place.slice(0, -1);
  const last = lastPosition(t, forwards.isDescending ? 1 : t.size);
  return line(equation(site.output, lead, at(h, [...lead, last])), "forward");
}

/** Gradients of W, U, b, c and of the input from those of the sums s = W x + b and v = U h + c. */
export function weightGradients(
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

/** The part of stacked gates that starts at `block` times the number of units. */
export function gateOf(
  { units, place }: Sequence,
  s: MathSymbol,
  block: number,
  j: Index,
): Expression {
  return at(s, [...place, add(position(j), block * units)]);
}

/** One formula for each block of stacked gates; `k` runs over all of them. */
export function blocks(
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

export const one = (x: Expression) => subtract(1, x);
