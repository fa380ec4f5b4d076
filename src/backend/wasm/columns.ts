/** Finds columns of narrow rows that lie one after the other along the lanes: taken together, whole vectors are
 * loaded or stored, and turned in registers. */

import type { Affine, Store, Value } from "../../compile/index.ts";
import { blockSize } from "./transpose.ts";

export type LoadValue = Value & { readonly kind: "load" };

/** For each load of a column that another one is beside, those of the row in order. */
export function columnsTogether(
  values: readonly Value[],
  laneDim: number,
): ReadonlyMap<Value, readonly LoadValue[]> {
  const found = new Map<Value, readonly LoadValue[]>();
  const loads = values.filter(
    (value) => value.kind === "load" && widthOf(value.at, laneDim) !== undefined,
  ) as LoadValue[];
  for (const first of loads.toSorted((a, b) => a.at.offset - b.at.offset)) {
    const width = widthOf(first.at, laneDim);
    if (width === undefined || found.has(first)) continue;
    const columns = Array.from({ length: width }, (_, i) =>
      loads.find(({ buffer, at }) => buffer === first.buffer && isAhead(at, first.at, i)),
    ).filter((column) => column !== undefined);
    if (columns.length > 1) for (const column of columns) found.set(column, columns);
  }
  return found;
}

/** The stores that fill whole rows between them, in order, a list for each row. */
export function wholeRows<S extends Store>(stores: readonly S[], laneDim: number): S[][] {
  return stores.flatMap((first) => {
    const width = widthOf(first.at, laneDim);
    if (width === undefined) return [];
    const columns = Array.from({ length: width }, (_, i) =>
      stores.find(({ buffer, at }) => buffer === first.buffer && isAhead(at, first.at, i)),
    );
    return columns.every((column) => column !== undefined) ? [columns] : [];
  });
}

/** The elements from one row to the next, where that is how long a row can be. */
function widthOf({ strides }: Affine, laneDim: number): number | undefined {
  const stride = strides[laneDim] ?? 0;
  return stride > 1 && stride <= blockSize ? stride : undefined;
}

/** Whether one affine number is always the other plus a distance. */
function isAhead(at: Affine, start: Affine, distance: number): boolean {
  return (
    at.offset === start.offset + distance &&
    at.strides.every((stride, dim) => stride === start.strides[dim])
  );
}
