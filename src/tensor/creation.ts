/** Making tensors: from values, constant fills, sequences. */

import {
  allocate,
  build,
  type DType,
  dtypeOf,
  formatShape,
  isShape,
  type Shape,
  sizeOf,
  type TensorData,
} from "../ir/index.ts";
import { DTypeError, ShapeError, UsageError } from "../util/index.ts";
import { apply, fromNode, Tensor } from "./tensor.ts";

/** A number, a boolean, or arrays of them nested to equal depth and length. */
export type Values = number | boolean | readonly Values[];

/** The arrays of numbers that the platform knows, bar the big integers. */
export type NumberArray =
  | TensorData
  | Int8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Uint32Array;

export interface DTypeOption {
  /** Element type; float32 unless told. */
  readonly dtype?: DType;
}

/** A tensor of the given values.
 *
 * Without `dtype`, numbers become float32, booleans bool, and a Float32Array, Float64Array,
 * Int32Array or Uint8Array (bool) keeps its type. Without `shape`, nested arrays give it, and a typed
 * array is a vector.
 * @throws ShapeError for rows of different lengths or a shape of another size; DTypeError for
 *   fractions as int32 and for numbers other than 0 and 1 as bool.
 *
 * @example
 * tensor([[1, 2, 3], [4, 5, 6]]).shape;            // [2, 3]
 * tensor(new Float64Array(6), { shape: [2, 3] });
 * tensor([0, 2, 1], { dtype: "int32" });
 */
export function tensor(
  values: Values | NumberArray,
  { dtype, shape }: { readonly dtype?: DType; readonly shape?: Shape } = {},
): Tensor {
  const flat = ArrayBuffer.isView(values)
    ? { data: values, shape: [values.length], dtype: arrayDType(values) }
    : flatten(values);
  const type = dtype ?? flat.dtype;
  const lengths = shape ?? flat.shape;
  if (!isShape(lengths) || sizeOf(lengths) !== flat.data.length) {
    throw new ShapeError(
      `tensor: ${flat.data.length} values do not fill shape ${formatShape(lengths)}, which has ` +
        `${sizeOf(lengths)} elements.`,
    );
  }
  return new Tensor(build.constant(converted(flat.data, type), [...lengths], type));
}

function arrayDType(array: NumberArray): DType {
  const isStorage =
    array instanceof Float32Array ||
    array instanceof Float64Array ||
    array instanceof Int32Array ||
    array instanceof Uint8Array;
  return isStorage ? dtypeOf(array) : "float32";
}

/** A copy in the array type of `dtype`. */
function converted(values: ArrayLike<number>, dtype: DType): TensorData {
  const allowed: Readonly<Record<DType, (value: number) => boolean>> = {
    float32: () => true,
    float64: () => true,
    int32: (value) => (value | 0) === value,
    bool: (value) => value === 0 || value === 1,
  };
  const data = allocate(dtype, values.length);
  for (let i = 0; i < data.length; i++) {
    if (!allowed[dtype](values[i])) {
      const range = dtype === "bool" ? "0 or 1" : "integers of 32 bits";
      throw new DTypeError(
        `tensor: expected ${range} for dtype ${dtype}, got ${values[i]} at position ${i}; ` +
          `give { dtype: "float32" } to keep such values.`,
      );
    }
    data[i] = values[i];
  }
  return data;
}

/** The values in row-major order with the shape that their nesting has. */
function flatten(values: Values): { data: number[]; shape: number[]; dtype: DType } {
  const shape: number[] = [];
  for (let row = values; Array.isArray(row); row = row[0]) shape.push(row.length);
  const data: number[] = [];
  let allBooleans = true;
  const visit = (value: Values, path: readonly number[]): void => {
    const depth = path.length;
    if (typeof value === "number" || typeof value === "boolean") {
      if (depth === shape.length) {
        allBooleans &&= typeof value === "boolean";
        data.push(Number(value));
        return;
      }
    } else if (Array.isArray(value) && value.length === shape[depth]) {
      value.forEach((child: Values, i) => {
        visit(child, [...path, i]);
      });
      return;
    }
    const expected = depth < shape.length ? `an array of ${shape[depth]}` : "a number";
    const got = Array.isArray(value) ? `an array of ${value.length}` : String(value);
    throw new ShapeError(
      `tensor: expected ${expected} at ${formatShape(path)}, got ${got}; all rows need equal lengths.`,
    );
  };
  visit(values, []);
  return { data, shape, dtype: allBooleans && data.length > 0 ? "bool" : "float32" };
}

/** `value` everywhere. */
export function full(shape: Shape, value: number, { dtype = "float32" }: DTypeOption = {}): Tensor {
  return fromNode(build.full(value, shape, dtype));
}

export function zeros(shape: Shape, options: DTypeOption = {}): Tensor {
  return full(shape, 0, options);
}

export function ones(shape: Shape, options: DTypeOption = {}): Tensor {
  return full(shape, 1, options);
}

/** Zeros in the shape and dtype of another tensor. */
export function zerosLike(x: Tensor): Tensor {
  return zeros(x.shape, { dtype: x.dtype });
}

/** Ones in the shape and dtype of another tensor. */
export function onesLike(x: Tensor): Tensor {
  return ones(x.shape, { dtype: x.dtype });
}

/** start, start + step, … up to but without stop; `arange(n)` counts 0 … n − 1. */
export function arange(
  start: number,
  stop?: number,
  { step = 1, dtype = "float32" }: DTypeOption & { readonly step?: number } = {},
): Tensor {
  const [first, last] = stop === undefined ? [0, start] : [start, stop];
  const length = Math.max(0, Math.ceil((last - first) / step));
  if (!Number.isSafeInteger(length)) {
    throw new UsageError(
      `arange: expected finite bounds and a step other than 0, got ${first}, ${last} and ${step}.`,
    );
  }
  return tensor(
    Float64Array.from({ length }, (_, i) => first + i * step),
    { dtype },
  );
}

/** `count` numbers at equal distances from start to stop, both included. */
export function linspace(
  start: number,
  stop: number,
  count: number,
  { dtype = "float32" }: DTypeOption = {},
): Tensor {
  const last = count - 1;
  const values = Float64Array.from({ length: count }, (_, i) =>
    i === 0 ? start : start * (1 - i / last) + stop * (i / last),
  );
  return tensor(values, { dtype });
}

/** Ones on the diagonal of a [rows, columns] matrix, square by default. */
export function eye(
  rows: number,
  { columns = rows, dtype = "float32" }: DTypeOption & { readonly columns?: number } = {},
): Tensor {
  const shape = [rows, columns];
  const index = (axis: number) => fromNode(build.iota(axis, shape, "int32"));
  return apply((diagonal) => build.cast(diagonal, dtype), index(0).eq(index(1)));
}
