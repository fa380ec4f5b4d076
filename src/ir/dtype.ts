/** Element types and the typed arrays that hold them. */

/** Element type of a tensor. */
export type DType = "float32" | "float64" | "int32" | "bool";

/** Elements in row-major order; `Uint8Array` holds bool as 0 and 1. */
export type TensorData = Float32Array | Float64Array | Int32Array | Uint8Array;

/** The types that have gradients. */
export type FloatDType = "float32" | "float64";

export function isFloat(dtype: DType): dtype is FloatDType {
  return dtype === "float32" || dtype === "float64";
}

/** A zero-filled array for `size` elements. */
export function allocate(dtype: DType, size: number): TensorData {
  switch (dtype) {
    case "float32":
      return new Float32Array(size);
    case "float64":
      return new Float64Array(size);
    case "int32":
      return new Int32Array(size);
    case "bool":
      return new Uint8Array(size);
  }
}

/** The element type that an array holds. */
export function dtypeOf(data: TensorData): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  return "bool";
}
