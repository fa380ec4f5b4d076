/** Tensors of every dtype, an empty one and a scalar, for tests of the file format. */

import type { SafetensorsContent, StoredTensor } from "./safetensors.ts";

export const sample: SafetensorsContent = {
  tensors: new Map<string, StoredTensor>([
    ["0.weight", { dtype: "float32", shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, 0.1, 9) }],
    ["0.bias", { dtype: "float64", shape: [2], data: Float64Array.of(Math.PI, -1e-300) }],
    ["mask", { dtype: "bool", shape: [3], data: Uint8Array.of(1, 0, 1) }],
    ["Zähler", { dtype: "int32", shape: [], data: Int32Array.of(-7) }],
    ["empty", { dtype: "float32", shape: [0, 4], data: new Float32Array(0) }],
  ]),
  metadata: { format: "chainrule" },
};
