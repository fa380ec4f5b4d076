/** Arranges products with so few columns that a vector of columns would be half empty: the lanes lie along
 * the sum instead.
 *
 *     c[i, j] = Σₖ a[i, k] · b[k, j],   j < 2: four terms of a row of a at a time, for eight results at once.
 */

import {
  type Affine,
  type ContractKernel,
  type ContractOperand,
  type Store,
  type Value,
  ValueTable,
} from "../../compile/index.ts";

/** The kernel over two loops, the rows and the sum. Each column is written out. */
export interface NarrowLoops {
  readonly kind: "narrow";
  readonly lanes: 4;
  /** Rows, terms. */
  readonly extents: readonly [rows: number, terms: number];
  readonly fused: boolean;
  readonly a: ContractOperand;
  /** The columns of b. */
  readonly b: readonly ContractOperand[];
  /** Result number j is that of column j. */
  readonly stores: readonly Store[];
}

/** Sums of the results of a vector's lanes: as many as hide the latency of an addition. */
export const accumulators = 8;

const mostColumns = 2;

/** With fewer terms the sums across the lanes cost more than full vectors save. */
const fewestTerms = 16;

/** One accumulator's lane takes no more terms than a chain of float32 additions may have. */
const mostTerms = 4 * 512;

/** The loops; undefined where the kernel has no such form, or would not gain by it. */
export function arrangeNarrow(kernel: ContractKernel, madd: boolean): NarrowLoops | undefined {
  const { dtype, extents, reduced, a, b, windows, stores } = kernel;
  const column = extents.length - 1;
  const columns = extents[column];
  const row = extents.findIndex((extent, dim) => dim < column && extent > 1);
  const [terms] = reduced;
  const isNarrow =
    dtype === "float32" &&
    columns <= mostColumns &&
    extents.every((extent, dim) => dim === row || dim === column || extent === 1) &&
    row >= 0 &&
    extents[row] >= accumulators &&
    reduced.length === 1 &&
    terms >= fewestTerms &&
    terms <= mostTerms &&
    windows.length === 0;
  const sum = column + 1;
  if (!isNarrow || a.at.strides[sum] !== 1 || b.at.strides[row] !== 0) return undefined;
  const inColumn =
    (index: number) =>
    ({ offset, strides }: Affine): Affine => ({
      offset: offset + index * (strides[column] ?? 0),
      strides: [strides[row] ?? 0, strides[sum] ?? 0],
    });
  const table = new ValueTable();
  const indices = Array.from({ length: columns }, (_, index) => index);
  return {
    kind: "narrow",
    lanes: 4,
    extents: [extents[row], terms],
    fused: madd,
    a: { buffer: a.buffer, at: inColumn(0)(a.at) },
    b: indices.map((index) => ({ buffer: b.buffer, at: inColumn(index)(b.at) })),
    stores: indices.flatMap((index) => {
      const at = inColumn(index);
      const anchor: Value = { kind: "anchor", result: index, dtype };
      const copy = table.copier({ at, anchor });
      return stores.map((store) => ({
        buffer: store.buffer,
        at: at(store.at),
        value: copy(store.value),
      }));
    }),
  };
}
