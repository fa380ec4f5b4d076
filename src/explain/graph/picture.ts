/** A computation graph as plain data: what is drawn, before where. */

/** A value on an edge or in a box. */
export interface PictureValue {
  readonly shape: readonly number[];
  /** The number, for scalars. */
  readonly value?: number;
  /** Smallest and largest element, for larger ones. */
  readonly range?: readonly [number, number];
  /** Means over a few rows and columns, row by row, for a small heat map. */
  readonly heat?: {
    readonly rows: number;
    readonly columns: number;
    readonly cells: readonly number[];
  };
}

export interface PictureNode {
  readonly id: string;
  /** The sign or the name in the box. */
  readonly label: string;
  /** A second, smaller line. */
  readonly detail?: string;
  readonly role: "input" | "parameter" | "constant" | "operation" | "layer" | "output";
  /** The layer it belongs to. */
  readonly group?: string;
  /** Key of the quantity in the derivation. */
  readonly term?: string;
  readonly value?: PictureValue;
  readonly gradient?: PictureValue;
}

export interface PictureEdge {
  readonly from: string;
  readonly to: string;
  /** What flows forward. */
  readonly value?: PictureValue;
  /** What flows back along this edge. */
  readonly gradient?: PictureValue;
}

export interface GraphPicture {
  readonly title: string;
  readonly nodes: readonly PictureNode[];
  readonly edges: readonly PictureEdge[];
}

const largestHeat = { rows: 8, columns: 16 } as const;

/** A tensor as a number, or as its shape, range and a small heat map. */
export function pictureValue(shape: readonly number[], data: ArrayLike<number>): PictureValue {
  if (data.length === 1) return { shape, value: data[0] };
  const list = Array.from(data);
  const finite = list.filter(Number.isFinite);
  const range: [number, number] =
    finite.length === 0 ? [Number.NaN, Number.NaN] : [least(finite), -least(finite.map((x) => -x))];
  return { shape, range, heat: heatOf(shape, list) };
}

const least = (list: readonly number[]) => list.reduce((a, b) => Math.min(a, b), Infinity);

/** Cells are means, so that the picture of a large matrix stays small. */
function heatOf(shape: readonly number[], list: readonly number[]): PictureValue["heat"] {
  const width = shape[shape.length - 1] || 1;
  const height = list.length / width;
  const rows = Math.min(height, largestHeat.rows);
  const columns = Math.min(width, largestHeat.columns);
  const sums = new Float64Array(rows * columns);
  const counts = new Float64Array(rows * columns);
  list.forEach((value, i) => {
    const row = Math.floor((Math.floor(i / width) * rows) / height);
    const column = Math.floor(((i % width) * columns) / width);
    sums[row * columns + column] += value;
    counts[row * columns + column]++;
  });
  return { rows, columns, cells: Array.from(sums, (sum, i) => sum / Math.max(1, counts[i])) };
}

/** A number in four digits. */
export function formatValue(x: number): string {
  if (!Number.isFinite(x)) return x > 0 ? "∞" : x < 0 ? "−∞" : "NaN";
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    return x.toExponential(1).replace("e+", "e").replaceAll("-", "−");
  }
  return String(Number(x.toPrecision(4))).replace("-", "−");
}

/** `0.25`, or `[3×4] −1…2.5`. */
export function describeValue({ shape, value, range }: PictureValue): string {
  if (value !== undefined) return formatValue(value);
  const sizes = `[${shape.join("×")}]`;
  if (range === undefined) return sizes;
  const [low, high] = range;
  return low === high
    ? `${sizes} ${formatValue(low)}`
    : `${sizes} ${formatValue(low)}…${formatValue(high)}`;
}
