/** Long short-term memory, by backpropagation through time. */

import { sigma } from "../../activations/catalogue.ts";
import {
  add,
  apply,
  at,
  type Expression,
  equation,
  hadamard,
  type Index,
  type MathSymbol,
  matmul,
  partial,
  power,
  primitive,
  type Recursion,
  symbol,
  times,
  transpose,
} from "../../math/index.ts";
import { words } from "../../words.ts";
import { line } from "../derivation.ts";
import type { RuleName } from "../rules.ts";
import { type Operation, type Site, unit } from "../site.ts";

import {
  after,
  before,
  blocks,
  fromAbove,
  gateOf,
  one,
  overTime,
  resultLine,
  sequenceOf,
  weightGradients,
} from "./sequence.ts";

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
