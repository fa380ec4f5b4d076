/** Tests of the IDX reader: every type, and every way in which a header can be wrong. */

import { expect, test } from "vitest";
import { parseIdx } from "./idx.ts";

function idx(type: number, shape: readonly number[], body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + body.length);
  const view = new DataView(bytes.buffer);
  bytes[2] = type;
  bytes[3] = shape.length;
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  bytes.set(body, 4 + 4 * shape.length);
  return bytes;
}

/** The big-endian bytes of numbers. */
function bytesOf(values: readonly number[], size: number, set: (view: DataView) => unknown) {
  const view = new DataView(new ArrayBuffer(values.length * size));
  set(view);
  return new Uint8Array(view.buffer);
}

test.for([
  [8, [1, 255], Uint8Array.of(1, 255)],
  [9, [1, -1], Uint8Array.of(1, 255)],
  [11, [-2, 300], Uint8Array.of(255, 254, 1, 44)],
  [12, [-2, 65536], Uint8Array.of(255, 255, 255, 254, 0, 1, 0, 0)],
  [13, [1.5, -2], bytesOf([1.5, -2], 4, (v) => [v.setFloat32(0, 1.5), v.setFloat32(4, -2)])],
  [14, [0.1, -2], bytesOf([0.1, -2], 8, (v) => [v.setFloat64(0, 0.1), v.setFloat64(8, -2)])],
] as const)("numbers of type %i are read big-endian", ([type, expected, body]) => {
  const { shape, values } = parseIdx(idx(type, [2], body));
  expect(shape).toEqual([2]);
  expect(Array.from(values)).toEqual(expected);
});

test("axes come in order, and bytes are viewed where they are", () => {
  const file = idx(8, [2, 1, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));
  const { shape, values } = parseIdx(file);
  expect(shape).toEqual([2, 1, 3]);
  expect(values.buffer).toBe(file.buffer);
});

test("a wrong magic number is named", () => {
  expect(() => parseIdx(Uint8Array.of(137, 80, 78, 71, 0), 'File "a.png"')).toThrow(
    'File "a.png": expected an IDX file (magic number 0x00000801 for labels, 0x00000803 for images), got 0x89504e47; is it another kind of file?',
  );
  expect(() => parseIdx(Uint8Array.of(0, 0, 7, 1, 0, 0, 0, 0))).toThrow("got 0x00000701");
  expect(() => parseIdx(Uint8Array.of(0, 0))).toThrow("got 2 bytes");
});

test("more or fewer values than announced are named with both counts", () => {
  const short = idx(8, [3, 2, 2], new Uint8Array(11));
  expect(() => parseIdx(short, "x")).toThrow(
    "x: its header announces 3 x 2 x 2 uint8 values (12 bytes), expected as many, got 11 bytes; copy or download it again.",
  );
  expect(() => parseIdx(idx(8, [3], new Uint8Array(4)))).toThrow(
    "(3 bytes), expected as many, got 4",
  );
  expect(() => parseIdx(short.subarray(0, 9), "x")).toThrow("expected a header of 16 bytes, got 9");
});
