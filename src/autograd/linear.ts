/** Gradients of the ops that move, sum, select or contract elements: each is the transpose of a
 * linear map, so that they come in pairs (broadcast and reduceSum, slice and pad, gather and
 * scatterAdd). g stands for ∂L/∂y. */

import { build, makeNode, type Node } from "../ir/index.ts";
import { discrete, type GradientRule, type GradientRules } from "./rules.ts";

const { broadcast, div, keptShape, matmul, mul, permute, reduceSum, reshape } = build;

type LinearOp =
  | ("reshape" | "permute" | "broadcast" | "slice" | "pad" | "flip" | "concatenate")
  | ("reduceSum" | "reduceMax" | "reduceMin" | "argMax" | "argMin")
  | ("matmul" | "gather" | "scatterAdd");

/** Puts the reduced axes back and repeats along them. */
function spread(reduced: Node, x: Node, axes: readonly number[]): Node {
  return broadcast(reshape(reduced, keptShape(x.shape, axes)), x.shape);
}

/** All elements that attain the extremum share g equally. */
const extremum: GradientRule<"reduceMax" | "reduceMin"> = (y, g) => {
  const [x] = y.inputs;
  const { axes } = y.attributes;
  const attains = build.cast(build.binary("eq", x, spread(y, x, axes)), x.dtype);
  const share = div(g, reduceSum(attains, axes));
  return [mul(spread(share, x, axes), attains)];
};

export const linearGradients: GradientRules<LinearOp> = {
  reshape: ({ inputs: [x] }, g) => [reshape(g, x.shape)],
  permute: ({ attributes: { order } }, g) => [
    permute(
      g,
      order.map((_, axis) => order.indexOf(axis)),
    ),
  ],
  broadcast: ({ inputs: [x], shape }, g) => {
    const added = shape.length - x.shape.length;
    const repeated = shape.flatMap((length, axis) =>
      axis < added || (x.shape[axis - added] === 1 && length !== 1) ? [axis] : [],
    );
    return [reshape(reduceSum(g, repeated), x.shape)];
  },
  slice: ({ inputs: [x], attributes: { start, size, step } }, g) => {
    const low = size.map((length, axis) => (length === 0 ? x.shape[axis] : start[axis]));
    const high = size.map((length, axis) =>
      length === 0 ? 0 : x.shape[axis] - (start[axis] + (length - 1) * step[axis] + 1),
    );
    const interior = step.map((stride) => stride - 1);
    return [makeNode("pad", [g], { low, high, interior, value: 0 })];
  },
  pad: ({ inputs: [x], attributes: { low, interior } }, g) => [
    makeNode("slice", [g], { start: low, size: x.shape, step: interior.map((gap) => gap + 1) }),
  ],
  flip: ({ attributes }, g) => [makeNode("flip", [g], attributes)],
  concatenate: ({ inputs, attributes: { axis } }, g) => {
    let offset = 0;
    return inputs.map((part) => {
      const start = g.shape.map((_, i) => (i === axis ? offset : 0));
      offset += part.shape[axis];
      return makeNode("slice", [g], { start, size: part.shape, step: g.shape.map(() => 1) });
    });
  },
  reduceSum: ({ inputs: [x], attributes: { axes } }, g) => [spread(g, x, axes)],
  reduceMax: extremum,
  reduceMin: extremum,
  argMax: discrete,
  argMin: discrete,
  /** C = A B: Ā = C̄ Bᵀ, B̄ = Aᵀ C̄ */
  matmul: ({ inputs: [a, b] }, g) => [matmul(g, build.transpose(b)), matmul(build.transpose(a), g)],
  gather: ({ inputs: [x, indices] }, g) => [
    makeNode("scatterAdd", [indices, g], { length: x.shape[0] }),
  ],
  scatterAdd: ({ inputs: [indices] }, g) => [undefined, makeNode("gather", [g, indices], {})],
};
