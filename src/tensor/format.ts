/** Tensors as nested arrays and as text. */

import { type DType, type Shape, stridesOf, type TensorData } from "../ir/index.ts";

/** Numbers (booleans for dtype bool) nested as deep as there are axes; a scalar is the value itself. */
export type NestedArray = number | boolean | NestedArray[];

/** Rows within rows, as NumPy's `tolist`. */
export function nested(data: TensorData, shape: Shape, dtype: DType): NestedArray {
  const strides = stridesOf(shape);
  const build = (axis: number, offset: number): NestedArray =>
    axis === shape.length
      ? dtype === "bool"
        ? data[offset] !== 0
        : data[offset]
      : Array.from({ length: shape[axis] }, (_, i) => build(axis + 1, offset + i * strides[axis]));
  return build(0, 0);
}

/** Above this size only the first and last entries of each axis are printed. */
const printedInFull = 1000;
const printedEnds = 3;

const significantDigits: Readonly<Record<DType, number>> = {
  float32: 6,
  float64: 10,
  int32: 10,
  bool: 1,
};

/** Rows within rows, in columns of equal width. */
export function formatData(data: TensorData, shape: Shape, dtype: DType): string {
  const strides = stridesOf(shape);
  const shorten = data.length > printedInFull;
  const element = (value: number) => {
    if (dtype === "bool") return value ? "true" : "false";
    return String(Number(value.toPrecision(significantDigits[dtype])));
  };
  const positions = (length: number): (number | undefined)[] =>
    shorten && length > 2 * printedEnds
      ? [
          ...Array.from({ length: printedEnds }, (_, i) => i),
          undefined,
          ...Array.from({ length: printedEnds }, (_, i) => length - printedEnds + i),
        ]
      : Array.from({ length }, (_, i) => i);

  const shown: string[] = [];
  const visit = (axis: number, offset: number): void => {
    if (axis === shape.length) shown.push(element(data[offset]));
    else {
      for (const i of positions(shape[axis])) {
        if (i !== undefined) visit(axis + 1, offset + i * strides[axis]);
      }
    }
  };
  visit(0, 0);
  const width = shown.reduce((longest, text) => Math.max(longest, text.length), 0);

  const format = (axis: number, offset: number): string => {
    if (axis === shape.length) return element(data[offset]).padStart(shape.length > 1 ? width : 0);
    const rows = positions(shape[axis]).map((i) =>
      i === undefined ? "…" : format(axis + 1, offset + i * strides[axis]),
    );
    const isInnermost = axis === shape.length - 1;
    return `[${rows.join(isInnermost ? ", " : `,\n${" ".repeat(axis + 1)}`)}]`;
  };
  return format(0, 0);
}
