/** Copies elements between typed arrays and the arena, where a bool is an int32, 0 or −1. */

import type { DType, TensorData } from "../../ir/index.ts";

/** A view of stored elements; memory may have grown since the last one was made. */
export function viewOf(memory: WebAssembly.Memory, address: number, dtype: DType, size: number) {
  switch (dtype) {
    case "float32":
      return new Float32Array(memory.buffer, address, size);
    case "float64":
      return new Float64Array(memory.buffer, address, size);
    case "int32":
    case "bool":
      return new Int32Array(memory.buffer, address, size);
  }
}

export function writeElements(
  memory: WebAssembly.Memory,
  address: number,
  dtype: DType,
  data: TensorData,
): void {
  const view = viewOf(memory, address, dtype, data.length);
  if (dtype !== "bool") view.set(data);
  else for (let i = 0; i < data.length; i++) view[i] = data[i] === 0 ? 0 : -1;
}

export function readElements(
  memory: WebAssembly.Memory,
  address: number,
  dtype: DType,
  size: number,
): TensorData {
  const view = viewOf(memory, address, dtype, size);
  return dtype === "bool" ? Uint8Array.from(view, (mask) => mask & 1) : view.slice();
}
