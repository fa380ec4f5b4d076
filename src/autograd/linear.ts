/** Gradients of the ops that move, sum, select or contract elements: each is the transpose of a
 * linear map, so that they come in pairs (broadcast and reduceSum, slice and pad, gather and
 * scatterAdd). g stands for ∂L/∂y. */

import { build, makeNode, type Node, type NodeOf, type OpOf, sizeOf } from "../ir/index.ts";
import { discrete, type GradientRule, type GradientRules } from "./rules.ts";

const { div, matmul, mul, permute, reduceSum, reshape, spread } = build;

type LinearOp = OpOf<"movement" | "reduction" | "contraction" | "indexing">;

/** All elements that attain the extremum share g equally, or the first of them takes it. */
const extremum: GradientRule<"reduceMax" | "reduceMin"> = (y, g) => {
  const [x] = y.inputs;
  const { axes, ties } = y.attributes;
  if (ties === "first") return [toFirst(y, g)];
  const attains = build.cast(build.binary("eq", x, spread(y, axes, x.shape)), x.dtype);
  const share = div(g, reduceSum(attains, axes));
  return [mul(spread(share, axes, x.shape), attains)];
};

/** [position = first] g, where first is the smallest position whose element is not beyond y: in a window
 * with NaN, whose extremum is NaN, that is 0. */
function toFirst(y: NodeOf<"reduceMax" | "reduceMin">, g: Node): Node {
  const [x] = y.inputs;
  const { axes } = y.attributes;
  const position = build.positionAlong(axes, x.shape);
  const isBeaten = build.binary(y.op === "reduceMax" ? "lt" : "gt", x, spread(y, axes, x.shape));
  const none = build.fullLike(sizeOf(axes.map((axis) => x.shape[axis])), position);
  const first = build.reduce("reduceMin", build.select(isBeaten, none, position), axes);
  const isFirst = build.binary("eq", position, spread(first, axes, x.shape));
  return build.select(isFirst, spread(g, axes, x.shape), build.fullLike(0, x));
}

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
  reduceSum: ({ inputs: [x], attributes: { axes } }, g) => [spread(g, axes, x.shape)],
  reduceMax: extremum,
  reduceMin: extremum,
  argMax: discrete,
  argMin: discrete,
  /** C = A B: Ā = C̄ Bᵀ, B̄ = Aᵀ C̄ */
  matmul: ({ inputs: [a, b] }, g) => [matmul(g, build.transpose(b)), matmul(build.transpose(a), g)],
  convolve: (y, g) => [inputGradient(y, g), kernelGradient(y, g)],
  gather: ({ inputs: [x, indices] }, g) => [
    makeNode("scatterAdd", [indices, g], { length: x.shape[0] }),
  ],
  scatterAdd: ({ inputs: [indices] }, g) => [undefined, makeNode("gather", [g, indices], {})],
};

/** x̄ = ḡ convolved with the mirrored kernel, where ḡ is g with stride − 1 zeros between its elements and
 * as many around it as the kernel reaches, less the padding of x. */
function inputGradient({ inputs: [x, w], attributes }: NodeOf<"convolve">, g: Node): Node {
  const { stride, dilation, low, high } = attributes;
  const rank = stride.length;
  const reach = dilation.map((step, axis) => step * (w.shape[axis] - 1));
  // Elements at the end of the padded x that no window covers.
  const uncovered = stride.map((step, axis) => {
    const length = low[axis] + x.shape[axis + 1] + high[axis];
    return length - ((g.shape[axis + 1] - 1) * step + reach[axis] + 1);
  });
  const before = reach.map((length, axis) => length - low[axis]);
  const after = reach.map((length, axis) => length + uncovered[axis] - high[axis]);
  const spread = makeNode("pad", [g], {
    low: g.shape.map(() => 0),
    high: g.shape.map(() => 0),
    interior: [0, ...stride.map((step) => step - 1), 0],
    value: 0,
  });
  // Where the padding of x is larger than the kernel's reach, the outermost windows saw only padding.
  const seen = stride.map(
    (_, axis) => spread.shape[axis + 1] + Math.min(0, before[axis]) + Math.min(0, after[axis]),
  );
  if (seen.some((length) => length <= 0)) return build.fullLike(0, x);
  const cropped = makeNode("slice", [spread], {
    start: [0, ...before.map((length) => Math.max(0, -length)), 0],
    size: [spread.shape[0], ...seen, spread.shape[rank + 1]],
    step: g.shape.map(() => 1),
  });
  const spatial = stride.map((_, axis) => axis);
  const mirrored = makeNode("flip", [w], { axes: spatial });
  const ones = stride.map(() => 1);
  return build.convolve(cropped, permute(mirrored, [...spatial, rank + 1, rank]), ones, dilation, {
    low: before.map((length) => Math.max(0, length)),
    high: after.map((length) => Math.max(0, length)),
  });
}

/** w̄[k…, c, o] = Σ over b, i… of x[b, i·stride + k·dilation − low …, c] · g[b, i…, o]: x convolved with g
 * as the kernel, the batch in the place of the channels; stride and dilation change places. */
function kernelGradient({ inputs: [x, w], attributes }: NodeOf<"convolve">, g: Node): Node {
  const { stride, dilation, low, high } = attributes;
  const rank = stride.length;
  const spatial = stride.map((_, axis) => axis + 1);
  const images = permute(x, [rank + 1, ...spatial, 0]);
  const kernel = permute(g, [...spatial, 0, rank + 1]);
  const product = build.convolve(images, kernel, dilation, stride, { low, high });
  const covered = makeNode("slice", [product], {
    start: product.shape.map(() => 0),
    size: [product.shape[0], ...w.shape.slice(0, rank), product.shape[rank + 1]],
    step: product.shape.map(() => 1),
  });
  return permute(covered, [...spatial, 0, rank + 1]);
}
