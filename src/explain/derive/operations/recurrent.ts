/** The simple recurrent layer, by backpropagation through time. */

import { activations } from "../../activations/catalogue.ts";
import {
  add,
  apply,
  applyDerivative,
  at,
  equation,
  hadamard,
  type MathFunction,
  matmul,
  partial,
  symbol,
  transpose,
} from "../../math/index.ts";
import { words } from "../../words.ts";
import { line } from "../derivation.ts";
import type { Operation, Site } from "../site.ts";

import {
  after,
  before,
  fromAbove,
  overTime,
  resultLine,
  sequenceOf,
  weightGradients,
} from "./sequence.ts";

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
