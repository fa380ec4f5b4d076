/** Algebraic simplification: removes work from a graph without changing what it computes. */

import {
  attributesKey,
  build,
  type ConstantNode,
  isFloat,
  makeNode,
  type Node,
  type Op,
  opKinds,
  rewrite,
  type Shape,
  sameShape,
  sizeOf,
} from "../ir/index.ts";

/** Rewrites the graph to a smaller one: equal nodes become one, movements compose, neutral elements
 * and double negations go, arithmetic on uniform tensors happens once on scalars.
 * Signs of zeros may change; nothing else does.
 * @param unique what passes before this one know of the same program */
export function simplify(outputs: readonly Node[], unique = new UniqueNodes()): Node[] {
  return rewrite(outputs, (node) => unique.simplified(node));
}

/** The number that fills `node`, if it is a constant filled with one number. */
export function uniformValue(node: Node): number | undefined {
  if (node.op === "constant") return sizeOf(node.shape) === 1 ? node.attributes.data[0] : undefined;
  if (node.op === "broadcast" || node.op === "reshape") return uniformValue(node.inputs[0]);
  return undefined;
}

function simplifyNode(node: Node): Node {
  const a = node.inputs[0];
  const b = node.inputs[1];
  switch (node.op) {
    case "stopGradient":
      return a;
    case "cast":
      return build.cast(a, node.dtype);
    case "broadcast":
      if (a.op === "broadcast") return build.broadcast(a.inputs[0], node.shape);
      if (a.op === "reshape" && sameShape(a.shape, withLeadingOnes(a.inputs[0].shape, a))) {
        return build.broadcast(a.inputs[0], node.shape);
      }
      return sameShape(node.shape, a.shape) ? a : node;
    case "reshape":
      if (a.op === "reshape") return build.reshape(a.inputs[0], node.shape);
      return sameShape(node.shape, a.shape) ? a : node;
    case "permute":
      if (a.op === "permute") {
        const inner = a.attributes.order;
        return build.permute(
          a.inputs[0],
          node.attributes.order.map((axis) => inner[axis]),
        );
      }
      return build.permute(a, node.attributes.order);
    case "slice":
    case "pad":
      // Of equal length along every axis: nothing is left out or added.
      if (sameShape(node.shape, a.shape)) return a;
      break;
    case "neg":
      if (a.op === "neg") return a.inputs[0];
      return negatedMask(a) ?? hoistReshape(hoistUniform(node));
    case "add":
      if (uniformValue(a) === 0) return b;
      if (uniformValue(b) === 0) return a;
      if (b.op === "neg") return build.sub(a, b.inputs[0]);
      if (a.op === "neg") return build.sub(b, a.inputs[0]);
      return joinedHalves(a, b) ?? joinedHalves(b, a) ?? hoistReshape(hoistUniform(node));
    case "sub":
      if (uniformValue(b) === 0) return a;
      if (b.op === "neg") return build.add(a, b.inputs[0]);
      break;
    case "mul":
      if (uniformValue(a) === 1) return b;
      if (uniformValue(b) === 1) return a;
      return masked(a, b) ?? masked(b, a) ?? hoistReshape(hoistUniform(node));
    case "eq":
      // A number made of a bool is 0 or 1.
      if (a.op === "cast" && a.inputs[0].dtype === "bool" && uniformValue(b) === 0) {
        return build.unary("not", a.inputs[0]);
      }
      break;
    case "select":
      if (a.op === "not") return simplifyNode(build.select(a.inputs[0], node.inputs[2], b));
      if (b.op === "select" && b.inputs[0] === a) {
        return build.select(a, b.inputs[1], node.inputs[2]);
      }
      break;
    case "div":
      if (uniformValue(b) === 1) return a;
      if (isRepeatedRoot(b)) return build.mul(a, build.broadcast(inverse(b.inputs[0]), b.shape));
      break;
    default:
  }
  return hoistReshape(hoistUniform(node));
}

/** x · cast(m), where x is a number or already 0 outside of the mask m, is select(m, x, 0). */
function masked(x: Node, factor: Node): Node | undefined {
  if (factor.op !== "cast" || factor.inputs[0].dtype !== "bool") return undefined;
  const [mask] = factor.inputs;
  if (x.op === "select" && x.inputs[0] === mask && uniformValue(x.inputs[2]) === 0) return x;
  const isNumber = Number.isFinite(uniformValue(x) ?? Number.NaN);
  return isNumber ? build.select(mask, x, build.fullLike(0, x)) : undefined;
}

/** −select(c, k, 0) with a number k is select(c, −k, 0). */
function negatedMask({ op, inputs: [mask, x, rest] }: Node): Node | undefined {
  const k = op === "select" && uniformValue(rest) === 0 ? uniformValue(x) : undefined;
  return k === undefined ? undefined : build.select(mask, build.fullLike(-k, x), rest);
}

/** select(c, x, 0) + select(c, 0, y)·k, with a number k or none, is select(c, x, y·k): the derivative of a
 * function with two slopes. */
function joinedHalves(a: Node, b: Node): Node | undefined {
  const k = b.op === "mul" ? uniformValue(b.inputs[1]) : 1;
  const half = b.op === "mul" ? b.inputs[0] : b;
  if (a.op !== "select" || half.op !== "select" || k === undefined || !Number.isFinite(k)) {
    return undefined;
  }
  const [condition, x, rest] = a.inputs;
  const [same, zero, y] = half.inputs;
  const isSplit =
    condition === same && uniformValue(rest) === 0 && uniformValue(zero) === 0 && isFloat(a.dtype);
  if (!isSplit) return undefined;
  return build.select(condition, x, b.op === "mul" ? build.mul(y, b.inputs[1]) : y);
}

/** `shape` with leading axes of length 1, as many axes as `like` has. */
function withLeadingOnes(shape: Shape, like: Node): Shape {
  const ones = Math.max(0, like.shape.length - shape.length);
  return [...new Array<number>(ones).fill(1), ...shape];
}

/** Fewer divisions by one number are left as they are. */
const manyDivisions = 16;

/** Whether many elements are divided by each root: its inverse, which neither overflows nor underflows,
 * is then taken once. */
function isRepeatedRoot(divisor: Node): boolean {
  if (divisor.op !== "broadcast") return false;
  const [root] = divisor.inputs;
  const value = root.op === "reshape" ? root.inputs[0] : root;
  return value.op === "sqrt" && sizeOf(divisor.shape) >= manyDivisions * sizeOf(value.shape);
}

function inverse(x: Node): Node {
  return build.div(build.fullLike(1, x), x);
}

/** op(reshape(a), s) with numbers s, where the reshape adds leading axes of length 1, is reshape(op(a, s)):
 * a mean that kept its axes is the mean that dropped them. */
function hoistReshape(node: Node): Node {
  if (opKinds[node.op] !== "elementwise") return node;
  const reshaped = node.inputs.find((operand) => uniformValue(operand) === undefined);
  if (reshaped?.op !== "reshape") return node;
  const { shape } = reshaped.inputs[0];
  if (!sameShape(reshaped.shape, withLeadingOnes(shape, reshaped))) return node;
  const inputs = node.inputs.map((operand) => {
    const value = uniformValue(operand);
    if (value !== undefined) return build.full(value, shape, operand.dtype);
    return operand === reshaped ? reshaped.inputs[0] : undefined;
  });
  if (!inputs.every((operand) => operand !== undefined)) return node;
  return build.reshape(makeNode(node.op, inputs, node.attributes as never), node.shape);
}

/** op(broadcast(s), broadcast(t)) of single numbers s, t is broadcast(op(s, t)). */
function hoistUniform(node: Node): Node {
  if (opKinds[node.op] !== "elementwise" || sizeOf(node.shape) <= 1) return foldScalar(node);
  const scalars = node.inputs.map(singleElement);
  if (!scalars.every((scalar) => scalar !== undefined)) return node;
  const result = foldScalar(makeNode(node.op, scalars, node.attributes as never));
  return build.broadcast(result, node.shape);
}

/** The scalar node that fills `node`, if one number does. */
function singleElement(node: Node): Node | undefined {
  if (node.op !== "broadcast" || sizeOf(node.inputs[0].shape) !== 1) return undefined;
  return build.reshape(node.inputs[0], []);
}

const folding: ReadonlyMap<Op, (a: number, b: number) => number> = new Map([
  ["neg", (a) => -a],
  ["add", (a, b) => a + b],
  ["sub", (a, b) => a - b],
  ["mul", (a, b) => a * b],
  ["div", (a, b) => a / b],
]);

/** Arithmetic on constant floats: one rounding to the dtype, as every backend would do. */
function foldScalar(node: Node): Node {
  const fold = folding.get(node.op);
  if (fold === undefined || node.shape.length > 0 || !isFloatConstant(node.inputs)) return node;
  const [a, b] = node.inputs.map((operand) => (operand as ConstantNode).attributes.data[0]);
  return build.scalar(fold(a, b), node.dtype);
}

function isFloatConstant(nodes: readonly Node[]): boolean {
  return nodes.every((node) => node.op === "constant" && isFloat(node.dtype));
}

/** Keeps one node for each distinct computation. */
export class UniqueNodes {
  readonly #numbers = new Map<Node, number>();
  readonly #nodes = new Map<string, Node>();
  readonly #simplified = new Map<Node, Node>();

  /** What stands for a node whose operands are simplified. */
  simplified(node: Node): Node {
    let result = this.#simplified.get(node);
    if (result === undefined) {
      result = this.of(simplifyNode(node));
      this.#simplified.set(node, result);
    }
    return result;
  }

  of(node: Node): Node {
    const known = this.#numbers.get(node);
    if (known !== undefined) return node;
    const key = this.#key(node);
    const existing = key === undefined ? undefined : this.#nodes.get(key);
    if (existing !== undefined) return existing;
    this.#numbers.set(node, this.#numbers.size);
    if (key !== undefined) this.#nodes.set(key, node);
    return node;
  }

  /** Inputs and large constants are equal only to themselves. */
  #key(node: Node): string | undefined {
    if (node.op === "input") return undefined;
    if (node.op === "constant" && node.attributes.data.length !== 1) return undefined;
    let key: string = node.op;
    const { inputs } = node;
    for (let i = 0; i < inputs.length; i++) {
      const operand = inputs[i];
      key += ` ${this.#numbers.get(operand) ?? this.#numbers.get(this.of(operand))}`;
    }
    return `${key} ${attributesKey(node.attributes)}`;
  }
}
