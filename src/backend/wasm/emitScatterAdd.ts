/** Sums of rows into the rows of a table that indices name. */

import { bytesPerElement, type ScatterAddKernel } from "../../compile/index.ts";
import { i32, memory } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import { loadContiguous, storeStrided } from "./lanes.ts";
import { emitOperation } from "./operations.ts";

export function emitScatterAdd(context: KernelContext, kernel: ScatterAddKernel): void {
  const { f, base, buffers } = context;
  const { dtype, rows, rowSize, count } = kernel;
  const element = bytesPerElement[dtype];
  const rowBytes = rowSize * element;
  const target = buffers[kernel.target].offset;
  if (rows * rowSize === 0) return;
  f.emit(memory.fill(i32.add(base, i32.const(target)), i32.const(0), i32.const(rows * rowBytes)));
  if (count === 0) return;

  const lanes = dtype === "float64" ? 2 : 4;
  const index = f.hold(base);
  const update = f.hold(base);
  const row = f.local("i32");
  const sum = f.local("i32");
  const step = f.local("i32");
  /** Adds `active` elements at byte `offset` of the update's row to those of the target's. */
  const addVector = (offset: number, active: number) => {
    const to = { pointer: sum, offset: target + offset };
    const from = { pointer: update, offset: buffers[kernel.updates].offset + offset };
    f.scoped(() => {
      const inputs = [to, from].map((at) => loadContiguous(dtype, lanes, at));
      const value = f.hold(
        emitOperation("add", { context, lanes, from: dtype, to: dtype, inputs }),
      );
      f.emit(...storeStrided(dtype, lanes, to, value, 1, active));
    });
  };

  f.forRange(step, 0, count, 1, () => {
    f.set(row, i32.load(index, buffers[kernel.indices].offset));
    f.if(i32.ltU(row, i32.const(rows)), () => {
      f.set(sum, i32.add(base, i32.mul(row, i32.const(rowBytes))));
      const vectors = Math.floor(rowSize / lanes);
      const rest = rowSize % lanes;
      for (let i = 0; i < vectors; i++) addVector(16 * i, lanes);
      if (rest > 0) addVector(16 * vectors, rest);
    });
    f.advance(index, 4);
    f.advance(update, rowBytes);
  });
}
