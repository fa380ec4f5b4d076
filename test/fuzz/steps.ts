/** One way to extend a random graph for every op, within the domain where results compare well. */

import { build, makeNode, type Node, type Op, sizeOf, stridesOf } from "../../src/ir/index.ts";
import type { Pool } from "./pool.ts";

/** A new node over members of the pool, or undefined when this op does not suit them. */
type Step = (pool: Pool) => Node | undefined;

const float = "float64";

/** x² + offset: positive, and smooth. */
const positive = (x: Node, offset: number) => build.add(build.mul(x, x), build.fullLike(offset, x));

const smooth =
  (op: Op): Step =>
  (pool) =>
    makeNode(op, [pool.pick(float)], {} as never);

/** On x where it is inside of the domain, else on a guarded form of it. */
const guarded =
  (op: Op, isInside: (pool: Pool, x: Node) => boolean, guard: (x: Node) => Node): Step =>
  (pool) => {
    const x = pool.pick(float);
    return makeNode(op, [isInside(pool, x) ? x : guard(x)], {} as never);
  };

/** Only where the values keep a margin from the jump or kink. */
const kinked =
  (op: Op, distance: (x: number) => number): Step =>
  (pool) => {
    const x = pool.pick(float);
    return pool.keepsMargin(x, distance) ? makeNode(op, [x], {} as never) : undefined;
  };

const fraction = (x: number) => x - Math.round(x);

const numbers = (pool: Pool) => (pool.chance(0.8) ? float : "int32");

const arithmetic =
  (op: "add" | "sub" | "mul"): Step =>
  (pool) => {
    const a = pool.pick(numbers(pool));
    return build.binary(op, a, pool.partner(a));
  };

const ordered =
  (op: "max" | "min" | "eq" | "ne" | "lt" | "le" | "gt" | "ge"): Step =>
  (pool) => {
    const a = pool.pick(numbers(pool));
    const b = pool.partner(a);
    return pool.areApart(a, b) ? build.binary(op, a, b) : undefined;
  };

const logical =
  (op: "and" | "or"): Step =>
  (pool) => {
    const a = pool.pick("bool");
    return build.binary(op, a, pool.partner(a));
  };

const anyType = (pool: Pool) =>
  pool.chance(0.8) ? float : pool.choose(["int32", "bool"] as const);

function someAxes(pool: Pool, x: Node): number[] {
  const axes = x.shape.flatMap((_, axis) => (pool.chance(0.5) ? [axis] : []));
  return axes.length === 0 && x.shape.length > 0 ? [pool.generator.integer(x.shape.length)] : axes;
}

const hasAxes = (x: Node) => x.shape.length > 0;

/** Whether the two most extreme elements of every lane differ by a margin. */
function hasClearExtremum(pool: Pool, x: Node, axes: readonly number[], side: 1 | -1): boolean {
  const strides = stridesOf(x.shape);
  const lanes = new Map<number, number[]>();
  pool.compute(x).forEach((value: number, i: number) => {
    const lane = x.shape.reduce(
      (sum, length, axis) =>
        axes.includes(axis) ? sum : sum + (Math.floor(i / strides[axis]) % length) * strides[axis],
      0,
    );
    lanes.set(lane, [...(lanes.get(lane) ?? []), side * value]);
  });
  return [...lanes.values()].every((lane) => {
    const [first, second = -Infinity] = lane.sort((a, b) => b - a);
    return first - second > 0.01;
  });
}

const extremum =
  (op: "reduceMax" | "reduceMin"): Step =>
  (pool) => {
    const x = pool.pick(float, hasAxes);
    const axes = someAxes(pool, x);
    const side = op === "reduceMax" ? 1 : -1;
    return hasClearExtremum(pool, x, axes, side) ? makeNode(op, [x], { axes }) : undefined;
  };

const indexOfExtremum =
  (op: "argMax" | "argMin"): Step =>
  (pool) => {
    const x = pool.pick(float, hasAxes);
    const axis = pool.generator.integer(x.shape.length);
    const side = op === "argMax" ? 1 : -1;
    return hasClearExtremum(pool, x, [axis], side) ? makeNode(op, [x], { axis }) : undefined;
  };

/** Indices around 0 … rows − 1, some of them outside: computed ones, or an input's. */
function indices(pool: Pool, rows: number): Node {
  if (pool.chance(0.4)) return pool.pick("int32", (node) => sizeOf(node.shape) <= 40);
  const shape = pool.shape(pool.generator.integer(3));
  const small = sizeOf(shape) <= 40 ? shape : [17];
  const data = Int32Array.from(
    { length: sizeOf(small) },
    () => pool.generator.integer(rows + 2) - 1,
  );
  return build.constant(data, small, "int32");
}

export const steps: { readonly [K in Op]: Step } = {
  input: (pool) => {
    pool.pick(anyType(pool), () => pool.chance(0.5));
    return undefined;
  },
  constant: (pool) => {
    const shape = pool.shape();
    const data = Float64Array.from({ length: sizeOf(shape) }, () =>
      Math.fround(4 * pool.generator.uniform() - 2),
    );
    return build.constant(data, shape, float);
  },
  iota: (pool) => {
    const shape = pool.shape(1 + pool.generator.integer(3));
    return build.iota(pool.generator.integer(shape.length), shape, numbers(pool));
  },
  random: (pool) => {
    const key = build.constant(Int32Array.from(pool.generator.words()), [2], "int32");
    return makeNode("random", [key], { shape: pool.shape(), dtype: float });
  },
  neg: (pool) => build.unary("neg", pool.pick(numbers(pool))),
  abs: kinked("abs", (x) => x),
  sign: kinked("sign", (x) => x),
  exp: guarded(
    "exp",
    (pool, x) => pool.largest(x) < 2,
    (x) => build.unary("tanh", x),
  ),
  expm1: guarded(
    "expm1",
    (pool, x) => pool.largest(x) < 2,
    (x) => build.unary("sin", x),
  ),
  log: guarded(
    "log",
    (pool, x) => pool.smallest(x) > 0.3,
    (x) => positive(x, 0.5),
  ),
  log1p: guarded(
    "log1p",
    (pool, x) => pool.smallest(x) > -0.7,
    (x) => positive(x, 0),
  ),
  sqrt: guarded(
    "sqrt",
    (pool, x) => pool.smallest(x) > 0.3,
    (x) => positive(x, 0.3),
  ),
  sin: smooth("sin"),
  cos: smooth("cos"),
  tanh: smooth("tanh"),
  sigmoid: smooth("sigmoid"),
  erf: smooth("erf"),
  floor: kinked("floor", fraction),
  ceil: kinked("ceil", fraction),
  round: kinked("round", (x) => fraction(x + 0.5)),
  not: (pool) => build.unary("not", pool.pick("bool")),
  cast: (pool) => {
    const x = pool.pick(pool.choose([float, "int32", "bool"] as const));
    const dtype = pool.choose(
      ([float, "int32", "bool"] as const).filter((other) => other !== x.dtype),
    );
    if (x.dtype === float && !pool.keepsMargin(x, fraction)) return undefined;
    return build.cast(x, dtype);
  },
  stopGradient: smooth("stopGradient"),
  add: arithmetic("add"),
  sub: arithmetic("sub"),
  mul: arithmetic("mul"),
  div: (pool) => {
    const a = pool.pick(float);
    const b = pool.partner(a);
    const isFar = pool.compute(b).every((value: number) => Math.abs(value) > 0.4);
    return build.div(a, isFar ? b : positive(b, 0.6));
  },
  pow: (pool) => {
    const a = pool.pick(float);
    if (pool.chance(0.4)) return build.binary("pow", a, build.fullLike(pool.choose([2, 3]), a));
    const base = pool.smallest(a) > 0.3 ? a : positive(a, 0.4);
    if (pool.chance(0.4)) return build.binary("pow", base, build.fullLike(0.5, a));
    return build.binary("pow", base, build.unary("tanh", pool.partner(a)));
  },
  max: ordered("max"),
  min: ordered("min"),
  eq: ordered("eq"),
  ne: ordered("ne"),
  lt: ordered("lt"),
  le: ordered("le"),
  gt: ordered("gt"),
  ge: ordered("ge"),
  and: logical("and"),
  or: logical("or"),
  select: (pool) => {
    const a = pool.pick(numbers(pool));
    const b = pool.partner(a);
    return build.select(pool.partner(a, "bool"), a, b);
  },
  reshape: (pool) => {
    const x = pool.pick(anyType(pool));
    const shapes = [
      [sizeOf(x.shape)],
      [1, ...x.shape],
      [...x.shape, 1],
      [...x.shape].reverse(),
      x.shape.length > 1 ? [x.shape[0] * x.shape[1], ...x.shape.slice(2)] : [...x.shape],
    ];
    return build.reshape(x, pool.choose(shapes));
  },
  permute: (pool) => {
    const x = pool.pick(anyType(pool), (node) => node.shape.length > 1);
    return build.permute(x, [...pool.generator.permutation(x.shape.length)]);
  },
  broadcast: (pool) => {
    const x = pool.pick(anyType(pool));
    const [length] = pool.shape(1);
    const stretched = x.shape.map((size) => (size === 1 ? length : size));
    return build.broadcast(x, pool.chance(0.5) ? [length, ...stretched] : stretched);
  },
  slice: (pool) => {
    const x = pool.pick(anyType(pool), hasAxes);
    const step = x.shape.map(() => 1 + pool.generator.integer(3));
    const start = x.shape.map((length) => pool.generator.integer(length));
    const size = x.shape.map((length, axis) => {
      const most = Math.ceil((length - start[axis]) / step[axis]);
      return 1 + pool.generator.integer(most);
    });
    return makeNode("slice", [x], { start, size, step });
  },
  pad: (pool) => {
    const x = pool.pick(anyType(pool), hasAxes);
    const amounts = () => x.shape.map(() => pool.generator.integer(3));
    const interior = x.shape.map(() => (pool.chance(0.2) ? 1 : 0));
    const value = pool.choose([0, 1]);
    return makeNode("pad", [x], { low: amounts(), high: amounts(), interior, value });
  },
  flip: (pool) => {
    const x = pool.pick(anyType(pool), hasAxes);
    return makeNode("flip", [x], { axes: someAxes(pool, x) });
  },
  concatenate: (pool) => {
    const x = pool.pick(anyType(pool), hasAxes);
    const axis = pool.generator.integer(x.shape.length);
    const others = pool.members.filter(
      (node) =>
        node.dtype === x.dtype &&
        node.shape.length === x.shape.length &&
        node.shape.every((length, i) => i === axis || length === x.shape[i]),
    );
    const parts = [x, pool.choose(others), ...(pool.chance(0.3) ? [pool.choose(others)] : [])];
    return makeNode("concatenate", parts, { axis });
  },
  reduceSum: (pool) => {
    const x = pool.pick(numbers(pool), hasAxes);
    return build.reduceSum(x, someAxes(pool, x), pool.chance(0.4));
  },
  reduceMax: extremum("reduceMax"),
  reduceMin: extremum("reduceMin"),
  argMax: indexOfExtremum("argMax"),
  argMin: indexOfExtremum("argMin"),
  matmul: (pool) => {
    const a = pool.pick(float, (node) => node.shape.length >= 2);
    const batch = a.shape.slice(0, -2);
    const fits = (node: Node) =>
      node !== a &&
      node.shape.length === a.shape.length &&
      node.shape.at(-2) === a.shape.at(-1) &&
      node.shape.slice(0, -2).every((length, i) => length === batch[i]);
    const found = pool.members.filter((node) => node.dtype === float && fits(node));
    const [n] = pool.shape(1);
    const shape = [...batch, a.shape.at(-1)!, n];
    const b =
      found.length > 0 && pool.chance(0.6)
        ? pool.choose(found)
        : pool.input(build.input(`x${pool.inputs.length}`, shape, float));
    return build.matmul(a, b);
  },
  convolve: (pool) => {
    const x = pool.pick(float, (node) => node.shape.length >= 3);
    const rank = x.shape.length - 2;
    const choose = (most: number) => 1 + pool.generator.integer(most);
    const dilation = Array.from({ length: rank }, () => choose(2));
    const low = dilation.map(() => pool.generator.integer(3));
    const high = dilation.map(() => pool.generator.integer(3));
    const kernel = dilation.map((step, axis) => {
      const length = low[axis] + x.shape[axis + 1] + high[axis];
      return choose(Math.max(1, Math.min(4, Math.floor((length - 1) / step) + 1)));
    });
    const stride = kernel.map(() => choose(3));
    const shape = [...kernel, x.shape[rank + 1], choose(7)];
    const w = pool.input(build.input(`x${pool.inputs.length}`, shape, float));
    return build.convolve(x, w, stride, dilation, { low, high });
  },
  gather: (pool) => {
    const x = pool.pick(float, hasAxes);
    return makeNode("gather", [x, indices(pool, x.shape[0])], {});
  },
  scatterAdd: (pool) => {
    const updates = pool.pick(float, hasAxes);
    const [length] = pool.shape(1);
    const positions = Int32Array.from(
      { length: updates.shape[0] },
      () => pool.generator.integer(length + 2) - 1,
    );
    const where = build.constant(positions, [updates.shape[0]], "int32");
    return makeNode("scatterAdd", [where, updates], { length });
  },
};
