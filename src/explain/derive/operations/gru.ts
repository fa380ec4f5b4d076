/** The gated recurrent unit, by backpropagation through time. */

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
  position,
  power,
  primitive,
  type Recursion,
  subtract,
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
