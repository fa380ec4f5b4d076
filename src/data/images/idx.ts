/** The IDX file format: an array of bytes or numbers behind a header of its type and shape.
 *
 * Two zero bytes, a byte for the type of the numbers, a byte for the number of axes, each axis as a
 * big-endian uint32, then the numbers, big-endian and row-major. http://yann.lecun.com/exdb/mnist/
 */

import { sizeOf } from "../../ir/index.ts";
import { FileError } from "../../util/index.ts";

export type IdxValues =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** The array of a file. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: IdxValues;
}

interface IdxType {
  readonly name: string;
  readonly bytes: number;
  read(view: DataView, count: number): IdxValues;
}

function type<Values extends IdxValues>(
  name: string,
  bytes: number,
  allocate: (count: number) => Values,
  valueAt: (view: DataView, at: number) => number,
): IdxType {
  return {
    name,
    bytes,
    read: (view, count) => {
      const values = allocate(count);
      for (let i = 0; i < count; i++) values[i] = valueAt(view, i * bytes);
      return values;
    },
  };
}

const types: Readonly<Record<number, IdxType>> = {
  8: {
    name: "uint8",
    bytes: 1,
    read: (view, count) => new Uint8Array(view.buffer, view.byteOffset, count),
  },
  9: {
    name: "int8",
    bytes: 1,
    read: (view, count) => new Int8Array(view.buffer, view.byteOffset, count),
  },
  11: type(
    "int16",
    2,
    (n) => new Int16Array(n),
    (view, at) => view.getInt16(at),
  ),
  12: type(
    "int32",
    4,
    (n) => new Int32Array(n),
    (view, at) => view.getInt32(at),
  ),
  13: type(
    "float32",
    4,
    (n) => new Float32Array(n),
    (view, at) => view.getFloat32(at),
  ),
  14: type(
    "float64",
    8,
    (n) => new Float64Array(n),
    (view, at) => view.getFloat64(at),
  ),
};

/** Reads an uncompressed IDX file; bytes are viewed, not copied.
 *
 * @param where names the file in errors
 * @throws FileError for a wrong magic number, or more or fewer bytes than the header announces
 * @example
 * parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 9)).values; // Uint8Array [7, 9]
 */
export function parseIdx(bytes: Uint8Array, where = "IDX data"): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = bytes.length < 4 ? undefined : view.getUint32(0);
  const numbers = magic === undefined || magic >>> 16 !== 0 ? undefined : types[magic >>> 8];
  if (magic === undefined || numbers === undefined) {
    const got =
      magic === undefined ? `${bytes.length} bytes` : `0x${magic.toString(16).padStart(8, "0")}`;
    throw new FileError(
      `${where}: expected an IDX file (magic number 0x00000801 for labels, 0x00000803 for images), ` +
        `got ${got}; is it another kind of file?`,
    );
  }
  const rank = magic & 0xff;
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw new FileError(
      `${where}: expected a header of ${start} bytes, got ${bytes.length} bytes; copy or download it again.`,
    );
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = sizeOf(shape);
  const available = bytes.length - start;
  if (available !== count * numbers.bytes) {
    throw new FileError(
      `${where}: its header announces ${shape.join(" x ")} ${numbers.name} values ` +
        `(${count * numbers.bytes} bytes), expected as many, got ${available} bytes; ` +
        "copy or download it again.",
    );
  }
  const body = new DataView(bytes.buffer, bytes.byteOffset + start, available);
  return { shape, values: numbers.read(body, count) };
}
