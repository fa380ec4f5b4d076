/** A step over minibatches of a large table: sums along contiguous rows, and rows that the next step gathers. */

import { allocate, build, type Program, sizeOf } from "../../ir/index.ts";
import { Generator } from "../../util/index.ts";
import type { Backend } from "../interface.ts";

const { add, binary, fullLike, input, iota, makeNode, matmul, mul, transpose } = build;

export const [rows, length, batchSize, units] = [700, 800, 10, 30];

/** w −= (x·wᵀ)ᵀ·x / 10⁶   [units, length], where x are the table's rows that come next in an order. */
export function minibatches() {
  const table = input("table", [rows, length], "float32");
  const order = input("order", [rows], "int32");
  const batch = input("batch", [], "int32");
  const w = input("w", [units, length], "float32");
  const start = mul(batch, fullLike(batchSize, batch));
  const positions = add(iota(0, [batchSize], "int32"), build.broadcast(start, [batchSize]));
  const x = makeNode("gather", [table, makeNode("gather", [order, positions], {})], {});
  const gradient = matmul(transpose(matmul(x, transpose(w))), x);
  const program: Program = {
    name: "step",
    outputs: [],
    updates: [
      { target: w, value: binary("sub", w, mul(gradient, fullLike(1e-6, w))) },
      { target: batch, value: add(batch, fullLike(1, batch)) },
    ],
  };
  return { table, order, batch, w, program };
}

/** The weights after the last two batches of the order, some of whose rows are outside of the table, and two
 * that are behind its end. */
export function weightsAfterLast(backend: Backend) {
  const { table, order, batch, w, program } = minibatches();
  const executable = backend.compile([program]);
  const generator = new Generator(7);
  for (const node of [table, w]) {
    const data = allocate(node.dtype, sizeOf(node.shape));
    for (let at = 0; at < data.length; at++) data[at] = generator.normal();
    executable.write(node, data);
  }
  const numbers = Int32Array.from({ length: rows }, () => generator.integer(rows));
  numbers.set([-1, rows, 2 ** 31 - 1, -(2 ** 31)], rows - 4);
  executable.write(order, numbers);
  executable.write(batch, Int32Array.of(rows / batchSize - 2));
  executable.run("step", 4);
  const weights = executable.read(w);
  executable.dispose();
  return weights;
}
