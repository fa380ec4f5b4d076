/** Walking kernels: what they read and write, and the same kernels over other buffers. */

import type { Affine, BufferId, Kernel, Store, Value } from "./kernel.ts";
import { reachable, valueRewriter } from "./valueTable.ts";

/** One read of a buffer; `at` only where the loops read exactly that element at each index. */
export interface Read {
  readonly buffer: BufferId;
  readonly at: Affine | undefined;
}

export function storesOf(kernel: Kernel): readonly Store[] {
  switch (kernel.kind) {
    case "map":
    case "contract":
      return kernel.stores;
    case "reduce":
      return kernel.sideStores.concat(kernel.stores);
    case "patch":
    case "scatterAdd":
      return [];
  }
}

/** The buffers that a kernel writes. */
export function writesOf(kernel: Kernel): BufferId[] {
  switch (kernel.kind) {
    case "scatterAdd":
      return [kernel.target];
    case "patch":
      return [(kernel.direction === "gather" ? kernel.weights : kernel.image).buffer];
    default:
      return storesOf(kernel).map((store) => store.buffer);
  }
}

export function readsOf(kernel: Kernel): Read[] {
  const reads: Read[] = [];
  const seen = new Set<Value>();
  const visit = (value: Value, isResult: boolean) => {
    if (seen.has(value)) return;
    seen.add(value);
    switch (value.kind) {
      case "load":
        reads.push({ buffer: value.buffer, at: isResult ? value.at : undefined });
        break;
      case "gather":
        reads.push({ buffer: value.table, at: undefined });
        visit(value.row, isResult);
        break;
      case "random":
        reads.push({ buffer: value.key, at: undefined });
        break;
      case "op":
        for (let i = 0; i < value.inputs.length; i++) visit(value.inputs[i], isResult);
        break;
      case "constant":
      case "index":
      case "anchor":
    }
  };
  switch (kernel.kind) {
    case "map":
      break;
    case "reduce":
      for (const input of kernel.inputs) visit(input, false);
      for (const store of kernel.sideStores) visit(store.value, false);
      break;
    case "contract":
      reads.push(
        { buffer: kernel.a.buffer, at: undefined },
        { buffer: kernel.b.buffer, at: undefined },
      );
      break;
    case "patch": {
      const { direction, values, places, image, weights } = kernel;
      const operand = direction === "gather" ? image : weights;
      const read = [values, places, operand.buffer];
      return read.map((buffer) => ({ buffer, at: undefined }));
    }
    case "scatterAdd":
      reads.push(
        { buffer: kernel.indices, at: undefined },
        { buffer: kernel.updates, at: undefined },
      );
      return reads;
  }
  for (const store of kernel.stores) visit(store.value, true);
  return reads;
}

const known = new WeakMap<Kernel, ReadonlySet<BufferId>>();

/** The buffers that a kernel reads. */
export function buffersReadBy(kernel: Kernel): ReadonlySet<BufferId> {
  let buffers = known.get(kernel);
  if (buffers === undefined) {
    buffers = new Set(readsOf(kernel).map(({ buffer }) => buffer));
    known.set(kernel, buffers);
  }
  return buffers;
}

/** The buffers from which a kernel gathers, and those of keys. */
export function tablesOf(kernel: Kernel): BufferId[] {
  const inputs = kernel.kind === "reduce" ? kernel.inputs : [];
  const values = reachable([...inputs, ...storesOf(kernel).map(({ value }) => value)]);
  return [...values].flatMap((value) => {
    if (value.kind === "gather") return value.table;
    return value.kind === "random" ? value.key : [];
  });
}

/** The kernel with every buffer replaced by `rename` of it. */
export function renameBuffers(kernel: Kernel, rename: (buffer: BufferId) => BufferId): Kernel {
  const visit = valueRewriter((value) => {
    switch (value.kind) {
      case "load":
        return { ...value, buffer: rename(value.buffer) };
      case "gather":
        return { ...value, table: rename(value.table) };
      case "random":
        return { ...value, key: rename(value.key) };
      default:
        return value;
    }
  });
  const stores = (list: readonly Store[]) =>
    list.map((store) => ({ ...store, buffer: rename(store.buffer), value: visit(store.value) }));
  switch (kernel.kind) {
    case "map":
      return { ...kernel, stores: stores(kernel.stores) };
    case "reduce":
      return {
        ...kernel,
        inputs: kernel.inputs.map(visit),
        sideStores: stores(kernel.sideStores),
        stores: stores(kernel.stores),
      };
    case "contract":
      return {
        ...kernel,
        a: { ...kernel.a, buffer: rename(kernel.a.buffer) },
        b: { ...kernel.b, buffer: rename(kernel.b.buffer) },
        stores: stores(kernel.stores),
      };
    case "patch":
      return {
        ...kernel,
        values: rename(kernel.values),
        places: rename(kernel.places),
        image: { ...kernel.image, buffer: rename(kernel.image.buffer) },
        weights: { ...kernel.weights, buffer: rename(kernel.weights.buffer) },
      };
    case "scatterAdd":
      return {
        ...kernel,
        target: rename(kernel.target),
        indices: rename(kernel.indices),
        updates: rename(kernel.updates),
      };
  }
}
