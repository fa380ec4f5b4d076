/** Lowering: turns each group of nodes into kernels, loops whose bodies are values at affine addresses. */

import { type Node, type NodeOf, opKinds, sizeOf } from "../ir/index.ts";
import { InternalError } from "../util/index.ts";
import {
  alignedIndex,
  constantIndex,
  type Index,
  linear,
  loopIndex,
  movedIndex,
  sameAffine,
  sameIndex,
  scaled,
  unitReshapedIndex,
} from "./affine.ts";
import { convolveIndices, matmulIndices } from "./contraction.ts";
import type { Group } from "./group.ts";
import type { BufferId, ContractOperand, Kernel, ScalarOp, Store, Value } from "./kernel.ts";
import { readyPatchesOf } from "./patches.ts";
import { uniformValue } from "./simplify.ts";
import { isRealReshape, squeeze } from "./squeeze.ts";
import { seenThrough } from "./view.ts";

/** The storage of a stored node, an input or a constant; undefined for what is computed in place. */
export type StorageOf = (node: Node) => BufferId | undefined;

/** The kernels of one group. */
export function lowerGroup(group: Group, storageOf: StorageOf): Kernel[] {
  switch (group.kind) {
    case "map":
      return [lowerMap(group, storageOf)];
    case "reduce":
      return [lowerReduce(group, storageOf)];
    case "contract":
      return [lowerContraction(group, storageOf)];
    case "patch":
      return [lowerPatches(group.anchor!, storageOf)];
    case "scatterAdd":
      return [lowerScatterAdd(group.anchor as NodeOf<"scatterAdd">, storageOf)];
    case "assemble":
      return lowerAssembly(group.anchor!, storageOf);
  }
}

function lowerMap(group: Group, storageOf: StorageOf): Kernel {
  const extents = squeeze(group.roots[0].shape);
  const body = new Body(extents.length, storageOf, group);
  return { kind: "map", extents, stores: body.storesOf(group.roots, extents) };
}

function lowerReduce(group: Group, storageOf: StorageOf): Kernel {
  const anchor = group.anchor as NodeOf<"reduceSum" | "reduceMax" | "reduceMin">;
  const [operand] = anchor.inputs;
  const { axes } = anchor.attributes;
  const isLong = (axis: number) => operand.shape[axis] !== 1;
  const outer = operand.shape
    .map((_, axis) => axis)
    .filter((axis) => !axes.includes(axis) && isLong(axis));
  const inner = axes.filter(isLong);
  const order = [...outer, ...inner];
  const loops = order.length;
  const index = operand.shape.map((length, axis) =>
    length === 1 ? constantIndex(0, loops) : loopIndex(order.indexOf(axis), loops),
  );
  const extents = outer.map((axis) => operand.shape[axis]);
  const operandBody = new Body(loops, storageOf, { roots: group.sideRoots, anchor: undefined });
  const sideStores = group.sideRoots.map((root) => {
    const at = unitReshapedIndex(operand.shape, index, root.shape, loops);
    return operandBody.store(root, at);
  });
  return {
    kind: "reduce",
    op: anchor.op,
    extents,
    reduced: inner.map((axis) => operand.shape[axis]),
    inputs: [operandBody.value(operand, index)],
    sideStores,
    stores: new Body(extents.length, storageOf, group).storesOf(group.roots, extents),
  };
}

function lowerContraction(group: Group, storageOf: StorageOf): Kernel {
  const anchor = group.anchor as NodeOf<"matmul" | "convolve">;
  const [a, b] = anchor.inputs;
  const { reduced, aIndex, bIndex, windows } = contractionIndices[anchor.op](anchor as never);
  const extents = anchor.shape;
  return {
    kind: "contract",
    dtype: anchor.dtype as "float32" | "float64",
    extents,
    reduced,
    a: contractOperand(a, aIndex, storageOf),
    b: contractOperand(b, bIndex, storageOf),
    windows,
    stores: new Body(extents.length, storageOf, group).storesOf(group.roots, extents),
  };
}

const contractionIndices = { matmul: matmulIndices, convolve: convolveIndices } as const;

function contractOperand(node: Node, start: Index, storageOf: StorageOf): ContractOperand {
  const { base, at } = seenThrough(node, start, (seen) => storageOf(seen) !== undefined);
  return { buffer: stored(base, storageOf), at };
}

/** Products of patches: the places and the values that they route lie as the nodes do. */
function lowerPatches(node: Node, storageOf: StorageOf): Kernel {
  const { direction, routed, stored: other, extents, patch, image, kernel } = readyPatchesOf(node)!;
  const result = stored(node, storageOf);
  const operand = stored(other, storageOf);
  const isGather = direction === "gather";
  return {
    kind: "patch",
    direction,
    dtype: node.dtype as "float32" | "float64",
    extents,
    patch,
    values: stored(routed.values, storageOf),
    places: stored(routed.places, storageOf),
    image: { buffer: isGather ? operand : result, at: image },
    weights: { buffer: isGather ? result : operand, at: kernel },
  };
}

function lowerScatterAdd(node: NodeOf<"scatterAdd">, storageOf: StorageOf): Kernel {
  const [indices, updates] = node.inputs;
  return {
    kind: "scatterAdd",
    dtype: node.dtype,
    target: stored(node, storageOf),
    rows: node.shape[0],
    rowSize: sizeOf(node.shape.slice(1)),
    count: sizeOf(indices.shape),
    indices: stored(indices, storageOf),
    updates: stored(updates, storageOf),
  };
}

/** A pad or concatenate: its padding, then each operand at its place. */
function lowerAssembly(node: Node, storageOf: StorageOf): Kernel[] {
  const buffer = stored(node, storageOf);
  const piece = (operand: Node, start: readonly number[], step: readonly number[]): Kernel => {
    const extents = squeeze(operand.shape);
    const body = new Body(extents.length, storageOf);
    const index = alignedIndex(operand.shape, extents);
    const place = index.map((axis, i) => scaled(axis, step[i], start[i]));
    const at = linear(place, node.shape, extents.length);
    return { kind: "map", extents, stores: [{ buffer, at, value: body.value(operand, index) }] };
  };
  if (node.op === "concatenate") {
    let start = 0;
    return node.inputs.map((operand) => {
      const kernel = piece(
        operand,
        node.shape.map((_, axis) => (axis === node.attributes.axis ? start : 0)),
        node.shape.map(() => 1),
      );
      start += operand.shape[node.attributes.axis];
      return kernel;
    });
  }
  if (node.op !== "pad") throw new InternalError(`${node.op} is not assembled from pieces.`);
  const { low, interior, value } = node.attributes;
  const filling: Kernel = {
    kind: "map",
    extents: [sizeOf(node.shape)],
    stores: [
      { buffer, at: loopIndex(0, 1), value: { kind: "constant", value, dtype: node.dtype } },
    ],
  };
  const between = interior.map((gap) => gap + 1);
  return [filling, piece(node.inputs[0], low, between)];
}

function stored(node: Node, storageOf: StorageOf): BufferId {
  const buffer = storageOf(node);
  if (buffer !== undefined) return buffer;
  // Reshapes share the storage of their operand.
  if (node.op === "reshape") return stored(node.inputs[0], storageOf);
  throw new InternalError(`${node.op} is read from storage but was never stored.`);
}

/** The body of one loop nest: builds each value once. */
class Body {
  readonly #loops: number;
  readonly #storageOf: StorageOf;
  readonly #group: { readonly roots: readonly Node[]; readonly anchor: Node | undefined };
  readonly #values = new Map<Node, { readonly index: Index; readonly value: Value }[]>();
  readonly #loads = new Map<BufferId, (Value & { readonly kind: "load" })[]>();

  constructor(
    loops: number,
    storageOf: StorageOf,
    group: { readonly roots: readonly Node[]; readonly anchor: Node | undefined } = {
      roots: [],
      anchor: undefined,
    },
  ) {
    this.#loops = loops;
    this.#storageOf = storageOf;
    this.#group = group;
  }

  storesOf(roots: readonly Node[], extents: readonly number[]): Store[] {
    return roots.map((root) => this.store(root, alignedIndex(root.shape, extents)));
  }

  store(root: Node, index: Index): Store {
    return {
      buffer: stored(root, this.#storageOf),
      at: linear(index, root.shape, this.#loops),
      value: this.value(root, index),
    };
  }

  /** The element `index` of `node`. */
  value(node: Node, index: Index): Value {
    let known = this.#values.get(node);
    if (known === undefined) {
      known = [];
      this.#values.set(node, known);
    }
    for (const entry of known) if (sameIndex(entry.index, index)) return entry.value;
    const value = this.#build(node, index);
    known.push({ index, value });
    return value;
  }

  #build(node: Node, index: Index): Value {
    const { dtype } = node;
    const loops = this.#loops;
    if (node === this.#group.anchor) return { kind: "anchor", result: 0, dtype };
    const uniform = uniformValue(node);
    if (uniform !== undefined) return { kind: "constant", value: uniform, dtype };
    if (!this.#group.roots.includes(node)) {
      const buffer = this.#storageOf(node);
      if (buffer !== undefined) return this.#load(node, buffer, index);
    }
    switch (node.op) {
      case "iota":
        return { kind: "index", at: index[node.attributes.axis], dtype };
      case "random": {
        const key = stored(node.inputs[0], this.#storageOf);
        return { kind: "random", key, keyOffset: 0, at: linear(index, node.shape, loops), dtype };
      }
      case "gather": {
        const [table, indices] = node.inputs;
        const lead = indices.shape.length;
        return {
          kind: "gather",
          table: stored(table, this.#storageOf),
          rows: table.shape[0],
          rowSize: sizeOf(table.shape.slice(1)),
          row: this.value(indices, index.slice(0, lead)),
          at: linear(index.slice(lead), node.shape.slice(lead), loops),
          dtype,
        };
      }
      case "permute":
      case "broadcast":
      case "slice":
      case "flip":
        return this.value(node.inputs[0], movedIndex[node.op](node as never, index, loops));
      case "reshape": {
        const [operand] = node.inputs;
        if (!isRealReshape(node)) {
          const moved = unitReshapedIndex(node.shape, index, operand.shape, loops);
          return this.value(operand, moved);
        }
        return this.#load(node, stored(operand, this.#storageOf), index);
      }
      case "stopGradient":
        return this.value(node.inputs[0], index);
      default: {
        if (opKinds[node.op] !== "elementwise") {
          throw new InternalError(`${node.op} is read in a loop but was never stored.`);
        }
        const inputs = node.inputs.map((operand) => this.value(operand, index));
        return { kind: "op", op: node.op as ScalarOp, inputs, dtype };
      }
    }
  }

  #load(node: Node, buffer: BufferId, index: Index): Value {
    const at = linear(index, node.shape, this.#loops);
    let loads = this.#loads.get(buffer);
    if (loads === undefined) {
      loads = [];
      this.#loads.set(buffer, loads);
    }
    for (const load of loads) if (sameAffine(load.at, at)) return load;
    const load = { kind: "load", buffer, at, dtype: node.dtype } as const;
    loads.push(load);
    return load;
  }
}
