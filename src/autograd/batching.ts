/** Vectorization of graphs: every op with an extra leading axis, so that one graph maps over many
 * examples at once. */

import { build, makeNode, type Node, type NodeOf, type Op, topologicalOrder } from "../ir/index.ts";

const { broadcast, permute, reshape } = build;

/** A value within the batch: with a leading axis of the batch's size, or one value for all. */
export interface Batched {
  readonly node: Node;
  readonly batched: boolean;
}

/** The op over operands of which at least one is batched; the result has the leading axis. */
export type BatchingRule<K extends Op> = (
  node: NodeOf<K>,
  inputs: readonly Batched[],
  size: number,
) => Node;

export type BatchingRules<K extends Op = Op> = { readonly [P in K]: BatchingRule<P> };

/** The operand with the leading axis, repeated along it where it is one value for all. */
function batchedNode({ node, batched }: Batched, size: number): Node {
  return batched ? node : broadcast(node, [size, ...node.shape]);
}

/** One value for all: it has no operand that could be batched. */
const leaf = (node: Node, _: readonly Batched[], size: number): Node =>
  broadcast(node, [size, ...node.shape]);

/** Elementwise: the same op, one axis more. */
const elementwise: BatchingRule<Op> = (node, inputs, size) =>
  makeNode(
    node.op,
    inputs.map((input) => batchedNode(input, size)),
    node.attributes as never,
  );

const shifted = (axes: readonly number[]) => axes.map((axis) => axis + 1);

const reduction: BatchingRule<"reduceSum" | "reduceMax" | "reduceMin"> = (node, [x]) =>
  makeNode(node.op, [x.node], { ...node.attributes, axes: shifted(node.attributes.axes) });

const indexOfExtremum: BatchingRule<"argMax" | "argMin"> = (node, [x]) =>
  makeNode(node.op, [x.node], { axis: node.attributes.axis + 1 });

/** Moves axis `from` to `to`, the others keep their order. */
function moveAxis(x: Node, from: number, to: number): Node {
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  return permute(x, order.toSpliced(to, 0, from));
}

/** Row indices [size, ...i] into `rows` rows of each example as indices into all rows of the batch
 * laid one after the other; an index outside stays outside. */
function batchWideIndices(indices: Node, rows: number): Node {
  const whole = (value: number) => build.fullLike(value, indices);
  const inside = build.binary(
    "and",
    build.binary("ge", indices, whole(0)),
    build.binary("lt", indices, whole(rows)),
  );
  const first = build.mul(build.iota(0, indices.shape, "int32"), whole(rows));
  return build.select(inside, build.add(first, indices), whole(-1));
}

/** How each op gains a leading axis. */
export const batchingRules: BatchingRules = {
  input: leaf,
  constant: leaf,
  iota: leaf,
  /** Each key [2] of the batch has its own stream, exactly as without the batch. */
  random: (node, [key], size) => {
    const draws = Array.from({ length: size }, (_, i) => {
      const row = makeNode("slice", [key.node], { start: [i, 0], size: [1, 2], step: [1, 1] });
      const drawn = makeNode("random", [reshape(row, [2])], node.attributes);
      return reshape(drawn, [1, ...node.shape]);
    });
    return makeNode("concatenate", draws, { axis: 0 });
  },
  neg: elementwise,
  abs: elementwise,
  sign: elementwise,
  exp: elementwise,
  expm1: elementwise,
  log: elementwise,
  log1p: elementwise,
  sqrt: elementwise,
  sin: elementwise,
  cos: elementwise,
  tanh: elementwise,
  sigmoid: elementwise,
  erf: elementwise,
  floor: elementwise,
  ceil: elementwise,
  round: elementwise,
  not: elementwise,
  cast: elementwise,
  stopGradient: elementwise,
  add: elementwise,
  sub: elementwise,
  mul: elementwise,
  div: elementwise,
  pow: elementwise,
  max: elementwise,
  min: elementwise,
  eq: elementwise,
  ne: elementwise,
  lt: elementwise,
  le: elementwise,
  gt: elementwise,
  ge: elementwise,
  and: elementwise,
  or: elementwise,
  select: elementwise,
  reshape: (node, [x], size) => reshape(x.node, [size, ...node.shape]),
  permute: ({ attributes: { order } }, [x]) => permute(x.node, [0, ...shifted(order)]),
  broadcast: (node, [x], size) => {
    const own = node.inputs[0].shape;
    const added = node.shape.slice(own.length).map(() => 1);
    return broadcast(reshape(x.node, [size, ...added, ...own]), [size, ...node.shape]);
  },
  slice: ({ attributes: { start, size, step } }, [x], batchSize) =>
    makeNode("slice", [x.node], {
      start: [0, ...start],
      size: [batchSize, ...size],
      step: [1, ...step],
    }),
  pad: ({ attributes: { low, high, interior, value } }, [x]) =>
    makeNode("pad", [x.node], {
      low: [0, ...low],
      high: [0, ...high],
      interior: [0, ...interior],
      value,
    }),
  flip: ({ attributes: { axes } }, [x]) => makeNode("flip", [x.node], { axes: shifted(axes) }),
  concatenate: ({ attributes: { axis } }, inputs, size) =>
    makeNode(
      "concatenate",
      inputs.map((input) => batchedNode(input, size)),
      { axis: axis + 1 },
    ),
  reduceSum: reduction,
  reduceMax: reduction,
  reduceMin: reduction,
  argMax: indexOfExtremum,
  argMin: indexOfExtremum,
  /** A batch of rows times one matrix is one product of taller matrices. */
  matmul: (node, [a, b], size) => {
    if (a.batched && !b.batched && node.shape.length === 2) {
      const [m, k] = node.inputs[0].shape;
      const product = build.matmul(reshape(a.node, [size * m, k]), b.node);
      return reshape(product, [size, ...node.shape]);
    }
    return build.matmul(batchedNode(a, size), batchedNode(b, size));
  },
  /** One kernel for all: the examples are images of one larger batch. Else each has its own. */
  convolve: (node, [x, w], size) => {
    const { stride, dilation, ...padding } = node.attributes;
    if (!w.batched) {
      const [images, ...rest] = node.inputs[0].shape;
      const all = build.convolve(
        reshape(x.node, [size * images, ...rest]),
        w.node,
        stride,
        dilation,
        padding,
      );
      return reshape(all, [size, ...node.shape]);
    }
    const example = (operand: Batched, i: number) => {
      const all = batchedNode(operand, size);
      const one = makeNode("slice", [all], {
        start: all.shape.map((_, axis) => (axis === 0 ? i : 0)),
        size: all.shape.with(0, 1),
        step: all.shape.map(() => 1),
      });
      return reshape(one, all.shape.slice(1));
    };
    const results = Array.from({ length: size }, (_, i) => {
      const result = build.convolve(example(x, i), example(w, i), stride, dilation, padding);
      return reshape(result, [1, ...node.shape]);
    });
    return makeNode("concatenate", results, { axis: 0 });
  },
  gather: (node, [x, indices], size) => {
    if (!x.batched) return makeNode("gather", [x.node, indices.node], {});
    if (!indices.batched) {
      const rows = makeNode("gather", [moveAxis(x.node, 0, 1), indices.node], {});
      return moveAxis(rows, indices.node.shape.length, 0);
    }
    const [rows, ...rest] = node.inputs[0].shape;
    const allRows = reshape(x.node, [size * rows, ...rest]);
    return makeNode("gather", [allRows, batchWideIndices(indices.node, rows)], {});
  },
  scatterAdd: (node, [indices, updates], size) => {
    const { length } = node.attributes;
    if (!indices.batched) {
      const moved = moveAxis(updates.node, 0, indices.node.shape.length);
      return moveAxis(makeNode("scatterAdd", [indices.node, moved], { length }), 1, 0);
    }
    const sums = makeNode(
      "scatterAdd",
      [batchWideIndices(indices.node, length), batchedNode(updates, size)],
      { length: size * length },
    );
    return reshape(sums, [size, ...node.shape]);
  },
};

/** The graph of `outputs` mapped over a batch: every output gains a leading axis of length `size`.
 * @param mapped what stands for some nodes of the graph, each with a leading axis of length `size`;
 *   all other leaves are one value for the whole batch. */
export function batch(
  outputs: readonly Node[],
  mapped: ReadonlyMap<Node, Node>,
  size: number,
): Node[] {
  const done = new Map<Node, Batched>();
  for (const node of topologicalOrder(outputs)) {
    const replacement = mapped.get(node);
    const inputs = node.inputs.map((operand) => done.get(operand)!);
    if (replacement !== undefined) done.set(node, { node: replacement, batched: true });
    else if (!inputs.some(({ batched }) => batched)) done.set(node, { node, batched: false });
    else {
      const rule = batchingRules[node.op] as BatchingRule<Op>;
      done.set(node, { node: rule(node, inputs, size), batched: true });
    }
  }
  return outputs.map((output) => batchedNode(done.get(output)!, size));
}
