/** Graphs of tensors as graphs of scalars: every element a node of its own, as one draws them by hand. */

import { evaluate } from "../../backend/reference/index.ts";
import {
  build,
  type InputNode,
  makeNode,
  type Node,
  type NodeOf,
  opKinds,
  sizeOf,
  stridesOf,
  type TensorData,
  topologicalOrder,
} from "../../ir/index.ts";

/** A graph, and what its nodes are called and belong to. */
export interface NamedGraph {
  readonly output: Node;
  readonly bindings: ReadonlyMap<InputNode, TensorData>;
  readonly names: ReadonlyMap<Node, string>;
  readonly parameters: ReadonlySet<Node>;
  readonly groups: ReadonlyMap<Node, string>;
}

/** How many scalars a graph has; movements add none. */
export function countScalars(output: Node): number {
  return topologicalOrder([output]).reduce((sum, node) => {
    const own = sizeOf(node.shape);
    switch (opKinds[node.op]) {
      case "movement":
        return sum;
      case "contraction":
        return sum + 2 * own * (node.inputs[0].shape.at(-1) ?? 1);
      case "reduction":
        return sum + sizeOf(node.inputs[0].shape);
      default:
        return sum + own;
    }
  }, 0);
}

/** A graph of the same value with every element of every node as a node. */
export function expandScalars(source: NamedGraph): NamedGraph {
  const order = topologicalOrder([source.output]);
  const known = evaluate(order, new Map(source.bindings));
  const values = new Map(order.map((node, i) => [node, known[i]] as const));
  const elements = new Map<Node, readonly Node[]>();
  const bindings = new Map<InputNode, TensorData>();
  const names = new Map<Node, string>();
  const parameters = new Set<Node>();
  const groups = new Map<Node, string>();
  const constant = (value: number, dtype: Node["dtype"]) => build.scalar(value, dtype);

  const expand = (node: Node): readonly Node[] => {
    const size = sizeOf(node.shape);
    const own = (i: number) => values.get(node)![i];
    if (node.op === "input") {
      return Array.from({ length: size }, (_, i) => {
        const name = elementName(source.names.get(node) ?? node.attributes.name, node.shape, i);
        const element = build.input(name, [], node.dtype);
        const data = node.dtype === "int32" ? Int32Array.of(own(i)) : Float64Array.of(own(i));
        bindings.set(element, data);
        names.set(element, name);
        if (source.parameters.has(node)) parameters.add(element);
        return element;
      });
    }
    const inputs = node.inputs.map((operand) => elements.get(operand)!);
    switch (opKinds[node.op]) {
      case "elementwise":
        return Array.from({ length: size }, (_, i) =>
          makeNode(
            node.op,
            inputs.map((list) => list[i]),
            node.attributes as never,
          ),
        );
      case "movement":
        return moved(node, inputs);
      case "reduction":
        return node.op === "argMax" || node.op === "argMin"
          ? Array.from({ length: size }, (_, i) => constant(own(i), "int32"))
          : reduced(node as NodeOf<Reduction>, inputs[0]);
      case "contraction":
        if (node.op === "matmul") return multiplied(node, inputs[0], inputs[1]);
        return convolved(node as NodeOf<"convolve">, inputs[0], inputs[1]);
      case "indexing":
      case "leaf":
        if (node.op === "gather") return gathered(node, inputs[0], values.get(node.inputs[1])!);
        return Array.from({ length: size }, (_, i) => constant(own(i), node.dtype));
    }
  };
  for (const node of order) {
    const list = expand(node);
    elements.set(node, list);
    const name = source.names.get(node);
    const group = source.groups.get(node);
    list.forEach((element, i) => {
      if (name && element.op !== "input" && element.op !== "constant" && !names.has(element)) {
        names.set(element, elementName(name, node.shape, i));
      }
      if (group && !groups.has(element)) groups.set(element, group);
    });
  }
  return { output: elements.get(source.output)![0], bindings, names, parameters, groups };
}

/** `W[1,2]`, counted from 0; a batch of one row is not counted. */
function elementName(name: string, shape: readonly number[], i: number): string {
  if (shape.length === 0) return name;
  const strides = stridesOf(shape);
  const indices = shape.map((length, axis) => Math.floor(i / strides[axis]) % length);
  const shown = shape.length > 1 && shape[0] === 1 ? indices.slice(1) : indices;
  return `${name}[${shown.join(",")}]`;
}

/** The same elements elsewhere: the op is carried out on their numbers. */
function moved(node: Node, inputs: readonly (readonly Node[])[]): readonly Node[] {
  const all = inputs.flat();
  let first = 0;
  const numbered = node.inputs.map((operand, i) => {
    const data = Float64Array.from(inputs[i], (_, j) => first + j);
    first += data.length;
    return build.constant(data, operand.shape, "float64");
  });
  const attributes = node.op === "pad" ? { ...node.attributes, value: -1 } : node.attributes;
  const [ids] = evaluate([makeNode(node.op, numbered, attributes as never)], new Map());
  const fill = node.op === "pad" ? build.scalar(node.attributes.value, node.dtype) : undefined;
  return Array.from(ids, (id) => (id < 0 ? fill! : all[id]));
}

type Reduction = "reduceSum" | "reduceMax" | "reduceMin";

function reduced(node: NodeOf<Reduction>, list: readonly Node[]): readonly Node[] {
  const { shape } = node.inputs[0];
  const { axes } = node.attributes;
  const strides = stridesOf(shape);
  const groups = new Map<string, Node[]>();
  list.forEach((element, i) => {
    const kept = shape
      .map((length, axis) => Math.floor(i / strides[axis]) % length)
      .filter((_, axis) => !axes.includes(axis))
      .join();
    const group = groups.get(kept);
    if (group) group.push(element);
    else groups.set(kept, [element]);
  });
  const combine = combinerOf(node);
  return [...groups.values()].map((group) => group.reduce(combine));
}

/** Two at a time; where the first of equal extreme elements takes the gradient, by a choice. */
function combinerOf({ op, attributes }: NodeOf<Reduction>): (a: Node, b: Node) => Node {
  if (op === "reduceSum") return build.add;
  if (!("ties" in attributes && attributes.ties === "first")) {
    return (a, b) => build.binary(op === "reduceMax" ? "max" : "min", a, b);
  }
  const isBeyond = op === "reduceMax" ? "gt" : "lt";
  return (first, next) => {
    const isNext = build.binary(
      "or",
      build.binary(isBeyond, next, first),
      build.binary("ne", next, next),
    );
    return build.select(isNext, next, first);
  };
}

const dot = (pairs: readonly (readonly [Node, Node])[]): Node =>
  pairs.map(([a, b]) => build.mul(a, b)).reduce((a, b) => build.add(a, b));

function multiplied(node: Node, a: readonly Node[], b: readonly Node[]): readonly Node[] {
  const [m, n] = node.shape.slice(-2);
  const k = node.inputs[0].shape.at(-1)!;
  return Array.from({ length: sizeOf(node.shape) }, (_, i) => {
    const matrix = Math.floor(i / (m * n));
    const row = Math.floor(i / n) % m;
    const column = i % n;
    return dot(
      Array.from({ length: k }, (_, p) => [
        a[matrix * m * k + row * k + p],
        b[matrix * k * n + p * n + column],
      ]),
    );
  });
}

function convolved(
  node: NodeOf<"convolve">,
  x: readonly Node[],
  w: readonly Node[],
): readonly Node[] {
  const [input, kernel] = node.inputs;
  const { stride, dilation } = node.attributes;
  const rank = stride.length;
  const [inStrides, wStrides, outStrides] = [input, kernel, node].map(({ shape }) =>
    stridesOf(shape),
  );
  const taps = sizeOf(kernel.shape.slice(0, rank + 1));
  const tapStrides = stridesOf(kernel.shape.slice(0, rank + 1));
  return Array.from({ length: sizeOf(node.shape) }, (_, i) => {
    const place = node.shape.map((length, axis) => Math.floor(i / outStrides[axis]) % length);
    const pairs = Array.from({ length: taps }, (_, t): [Node, Node] => {
      const tap = tapStrides.map((s, axis) => Math.floor(t / s) % kernel.shape[axis]);
      let from = place[0] * inStrides[0] + tap[rank];
      let weight = place[rank + 1];
      for (let axis = 0; axis < rank; axis++) {
        from += (place[axis + 1] * stride[axis] + tap[axis] * dilation[axis]) * inStrides[axis + 1];
        weight += tap[axis] * wStrides[axis];
      }
      return [x[from], w[weight + tap[rank] * wStrides[rank]]];
    });
    return dot(pairs);
  });
}

function gathered(node: Node, x: readonly Node[], rows: TensorData): readonly Node[] {
  const width = sizeOf(node.inputs[0].shape.slice(1));
  return Array.from(rows).flatMap((row) =>
    Array.from({ length: width }, (_, i) => x[row * width + i] ?? build.scalar(0, node.dtype)),
  );
}
