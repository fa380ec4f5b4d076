/** Arranges products with so few columns that a vector of columns would be half empty: the lanes lie along
 * the sum instead, and those of the results along the rows.
 *
 *     c[i, j] = Σₖ a[i, k] · b[k, j],   j < 2: four terms of a row of a at a time, for eight results at once.
 *
 * As the rows make the vectors of the results, they are the columns of the loops, and b is the left operand.
 */

import {
  type Affine,
  type ContractKernel,
  isDotDepth,
  type Value,
  ValueTable,
} from "../../compile/index.ts";
import { sizeOf } from "../../ir/index.ts";
import type { ContractionLoops } from "./contractionLoops.ts";

/** Sums of the results of a vector's lanes: as many as hide the latency of an addition. */
const accumulators = 8;

const mostColumns = 2;

/** The loops; undefined where the kernel has no such form, or would not gain by it. */
export function arrangeNarrow(kernel: ContractKernel, madd: boolean): ContractionLoops | undefined {
  const { dtype, extents, reduced, a, b, windows, stores } = kernel;
  const column = extents.length - 1;
  const sum = column + 1;
  const columns = extents[column];
  const rows = sizeOf(extents) / columns;
  const row = extents.indexOf(rows);
  const isNarrow =
    dtype === "float32" &&
    columns <= mostColumns &&
    rows >= accumulators &&
    row >= 0 &&
    reduced.length === 1 &&
    isDotDepth(reduced[0], columns, dtype) &&
    windows.length === 0 &&
    [a, b].every(({ at }) => at.strides[sum] === 1) &&
    b.at.strides[row] === 0;
  if (!isNarrow) return undefined;
  const swapped = ({ offset, strides }: Affine): Affine => ({
    offset,
    strides: [column, row, sum].map((dim) => strides[dim] ?? 0),
  });
  const table = new ValueTable();
  return {
    kind: "contract",
    dtype,
    lanes: 4,
    extents: [columns, rows, ...reduced],
    row: 0,
    column: 1,
    tile: { rows: 1, vectors: 1 },
    dot: { rows: columns, vectors: accumulators / columns },
    isNarrow,
    areRowsOutermost: false,
    fused: madd,
    isShort: true,
    blockCount: 0,
    panels: "none",
    a: { buffer: b.buffer, at: swapped(b.at) },
    b: { buffer: a.buffer, at: swapped(a.at) },
    start: undefined,
    clipped: [],
    stores: Array.from({ length: columns }, (_, index) => {
      // Each column has stores of its own.
      const at = (at: Affine): Affine => {
        const { offset, strides } = swapped(at);
        return { offset: offset + index * strides[0], strides: strides.with(0, 0) };
      };
      const anchor: Value = { kind: "anchor", result: index, dtype };
      return table.stores(stores, { at, anchor });
    }).flat(),
    hasLongStores: false,
    hasManyOperations: false,
  };
}
