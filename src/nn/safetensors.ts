/** The safetensors file format: named tensors with a JSON header, no code.
 *
 * 8 bytes: length of the header, little-endian. Header: JSON, name → { dtype, shape, data_offsets }.
 * Then the data. https://github.com/huggingface/safetensors
 */

import { type DType, isShape, type Shape, sizeOf, type TensorData } from "../ir/index.ts";
import { FileError } from "../util/index.ts";

/** A tensor of a file. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: TensorData;
}

/** What a file holds. */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The format's limit on the header, 100 MB. */
const largestHeader = 100_000_000;

const codes: Readonly<Record<DType, string>> = {
  float32: "F32",
  float64: "F64",
  int32: "I32",
  bool: "BOOL",
};

const elementBytes: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4, bool: 1 };

export function encodeSafetensors({ tensors, metadata }: SafetensorsContent): Uint8Array {
  const header: Record<string, unknown> = Object.create(null);
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata;
  // Wide types first, so that every tensor starts at a multiple of its element size.
  const ordered = [...tensors].sort(
    ([, a], [, b]) => elementBytes[b.dtype] - elementBytes[a.dtype],
  );
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    const start = end;
    end += data.byteLength;
    header[name] = { dtype: codes[dtype], shape, data_offsets: [start, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  // Spaces at the end, so that the data begin at a multiple of 8.
  const json = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(" ".charCodeAt(0));
  json.set(text);
  const bytes = new Uint8Array(8 + json.length + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let position = 8 + json.length;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/** Reads a file's bytes; nothing in them is ever run.
 * @param where names the file in errors
 * @throws FileError for a truncated, oversized or foreign file */
export function decodeSafetensors(bytes: Uint8Array, where = "weights"): SafetensorsContent {
  const fail = (what: string): never => {
    throw new FileError(`${where}: not a valid safetensors file: ${what}.`);
  };
  if (bytes.length < 8) fail(`expected at least 8 bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  if (headerLength > largestHeader) {
    fail(`its first 8 bytes announce a header of ${headerLength} bytes, the limit is 100 MB`);
  }
  if (8 + headerLength > bytes.length) {
    fail(
      `the header needs ${headerLength} bytes, only ${bytes.length - 8} follow; it may be truncated`,
    );
  }
  const header = parseHeader(bytes.subarray(8, 8 + headerLength), fail);
  const start = 8 + headerLength;
  const available = bytes.length - start;
  const entries: [name: string, entry: Entry][] = [];
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      if (!isTextRecord(entry)) fail("__metadata__ is not a record of texts");
      metadata = entry as Record<string, string>;
    } else entries.push([name, parseEntry(name, entry, fail)]);
  }
  // Before anything is copied: the tensors follow each other without holes and fill the file.
  let end = 0;
  for (const [name, { from, to }] of [...entries].sort(
    ([, a], [, b]) => a.from - b.from || a.to - b.to,
  )) {
    if (from !== end) fail(`tensor "${name}" begins at byte ${from} of the data, expected ${end}`);
    if (to > available) {
      fail(
        `tensor "${name}" ends at byte ${to}, only ${available} bytes of data follow; it may be truncated`,
      );
    }
    end = to;
  }
  if (end !== available) fail(`its tensors end at byte ${end} of ${available} bytes of data`);
  const tensors = new Map(
    entries.map(([name, { dtype, shape, from, to }]) => {
      // A copy: the file's bytes need not be aligned to the element size.
      const raw = new Uint8Array(bytes.subarray(start + from, start + to)).buffer;
      return [name, { dtype, shape, data: viewAs(dtype, raw) }];
    }),
  );
  return { tensors, metadata };
}

interface Entry {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly from: number;
  readonly to: number;
}

type Fail = (what: string) => never;

function parseHeader(json: Uint8Array, fail: Fail): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    fail("the header is not JSON");
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    fail("the header is not a JSON object");
  }
  return header as Record<string, unknown>;
}

function parseEntry(name: string, entry: unknown, fail: Fail): Entry {
  const { dtype: code, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const dtype = (Object.keys(codes) as DType[]).find((candidate) => codes[candidate] === code);
  if (dtype === undefined) {
    return fail(`tensor "${name}" has dtype ${code}; expected ${Object.values(codes).join(", ")}`);
  }
  const isList = (value: unknown): value is number[] => Array.isArray(value) && isShape(value);
  if (!isList(shape) || !isList(offsets) || offsets.length !== 2) {
    return fail(`tensor "${name}" has no valid shape and data_offsets`);
  }
  const [from, to] = offsets;
  if (to - from !== sizeOf(shape) * elementBytes[dtype]) {
    return fail(`tensor "${name}" of shape [${shape.join(", ")}] has ${to - from} bytes of data`);
  }
  return { dtype, shape, from, to };
}

function isTextRecord(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((text) => typeof text === "string")
  );
}

function viewAs(dtype: DType, raw: ArrayBufferLike): TensorData {
  if (dtype === "float32") return new Float32Array(raw);
  if (dtype === "float64") return new Float64Array(raw);
  if (dtype === "int32") return new Int32Array(raw);
  return new Uint8Array(raw);
}
