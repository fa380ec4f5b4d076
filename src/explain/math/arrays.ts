/** Arrays of numbers, and what is done with them as wholes: products, transposes, softmax. */

import type { Shape } from "../../ir/index.ts";

/** An array in row-major order. */
export interface NumberArray {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** Values by the keys of symbols and derivatives. */
export type Values = Map<string, NumberArray>;

export const scalarValue = (value: number): NumberArray => ({
  shape: [],
  data: Float64Array.of(value),
});

/** The product of matrices and column vectors. */
export function multiply(a: NumberArray, b: NumberArray): NumberArray {
  const [m, k] = a.shape.length === 1 ? [a.shape[0], 1] : a.shape;
  const n = b.shape.length === 1 ? 1 : b.shape[1];
  const data = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const left = a.data[i * k + p];
      for (let j = 0; j < n; j++) data[i * n + j] += left * b.data[p * n + j];
    }
  }
  return { shape: b.shape.length === 1 ? [m] : [m, n], data };
}

export function transposed({ shape, data }: NumberArray): NumberArray {
  if (shape.length === 1) return { shape: [1, shape[0]], data };
  const [rows, columns] = shape;
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j];
  }
  return { shape: [columns, rows], data: result };
}

export function softmaxOfRows({ shape, data }: NumberArray): NumberArray {
  const width = shape[shape.length - 1];
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += width) {
    const row = data.subarray(start, start + width);
    const largest = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - largest));
    const total = powers.reduce((sum, value) => sum + value, 0);
    result.set(
      powers.map((value) => value / total),
      start,
    );
  }
  return { shape, data: result };
}
