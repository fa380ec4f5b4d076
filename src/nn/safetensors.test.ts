import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileError } from "../util/index.ts";
import { sample } from "./safetensors.testing.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

interface Golden {
  readonly theirs: string;
  readonly ours: string;
  readonly oursRead: Readonly<
    Record<string, { dtype: string; shape: number[]; values: (number | boolean)[] }>
  >;
}

const golden = JSON.parse(
  readFileSync(new URL("golden/safetensors.json", import.meta.url), "utf8"),
) as Golden;
const fromBase64 = (text: string) => new Uint8Array(Buffer.from(text, "base64"));

describe("beside the safetensors package", () => {
  test("reads a file that it wrote", () => {
    const { tensors, metadata } = decodeSafetensors(fromBase64(golden.theirs));
    expect(metadata).toEqual({ format: "np" });
    expect(new Map([...tensors].sort())).toEqual(new Map([...sample.tensors].sort()));
  });

  test("writes a file that it reads", () => {
    expect(Buffer.from(encodeSafetensors(sample)).toString("base64")).toBe(golden.ours);
    for (const [name, { dtype, shape, data }] of sample.tensors) {
      const read = golden.oursRead[name];
      expect(read.dtype).toBe(dtype);
      expect(read.shape).toEqual(shape);
      expect(read.values.map(Number)).toEqual([...data]);
    }
  });
});

describe("round trip", () => {
  test("of every dtype, an empty tensor and a scalar, at any offset of the bytes", () => {
    const bytes = encodeSafetensors(sample);
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(decodeSafetensors(shifted).tensors).toEqual(new Map([...sample.tensors].sort(() => 0)));
    expect(decodeSafetensors(shifted).metadata).toEqual(sample.metadata);
  });

  test("of a Node.js buffer, whose slices share memory", () => {
    const { tensors } = decodeSafetensors(Buffer.from(encodeSafetensors(sample)));
    expect(tensors.get("0.weight")!.data).toEqual(sample.tensors.get("0.weight")!.data);
  });

  test("of any names and values", () => {
    const tensor = fc.record({
      name: fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__"),
      values: fc.array(fc.double(), { maxLength: 5 }),
    });
    const names = { selector: ({ name }: { name: string }) => name };
    fc.assert(
      fc.property(fc.uniqueArray(tensor, names), (list) => {
        const tensors = new Map(
          list.map(({ name, values }) => [
            name.normalize(),
            {
              dtype: "float64" as const,
              shape: [values.length],
              data: Float64Array.from(values),
            },
          ]),
        );
        const read = decodeSafetensors(encodeSafetensors({ tensors, metadata: {} })).tensors;
        expect([...read.keys()].sort()).toEqual([...tensors.keys()].sort());
        for (const [name, { data }] of tensors) expect(read.get(name)!.data).toEqual(data);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe("broken files", () => {
  const bytes = encodeSafetensors(sample);
  const message = (broken: Uint8Array) => {
    try {
      decodeSafetensors(broken, "w.safetensors");
    } catch (error) {
      expect(error).toBeInstanceOf(FileError);
      return (error as Error).message.replace("w.safetensors: not a valid safetensors file: ", "");
    }
    return "no error";
  };
  const file = (header: unknown, data = 0) => {
    const text = typeof header === "string" ? header : JSON.stringify(header);
    const json = new TextEncoder().encode(text);
    const all = new Uint8Array(8 + json.length + data);
    new DataView(all.buffer).setBigUint64(0, BigInt(json.length), true);
    all.set(json, 8);
    return all;
  };
  const entry = (overrides: object) => ({
    dtype: "F32",
    shape: [1],
    data_offsets: [0, 4],
    ...overrides,
  });

  test.each([
    ["nothing", new Uint8Array(0), "expected at least 8 bytes, got 0."],
    [
      "cut in the header",
      bytes.subarray(0, 40),
      `the header needs ${bytes[0] + 256} bytes, only 32 follow; it may be truncated.`,
    ],
    [
      "cut in the data",
      bytes.subarray(0, bytes.length - 1),
      'tensor "mask" ends at byte 47, only 46 bytes of data follow; it may be truncated.',
    ],
    [
      "another format",
      new TextEncoder().encode("PK\u0003\u0004, a zip archive"),
      "its first 8 bytes announce a header of 2333181455372602400 bytes, the limit is 100 MB.",
    ],
    ["a header that is not JSON", file("{oh no"), "the header is not JSON."],
    ["a header that is a list", file([1]), "the header is not a JSON object."],
    ["odd metadata", file({ __metadata__: { a: 1 } }), "__metadata__ is not a record of texts."],
    [
      "an unknown dtype",
      file({ a: entry({ dtype: "F8" }) }, 4),
      'tensor "a" has dtype F8; expected F32, F64, I32, BOOL.',
    ],
    [
      "a negative length",
      file({ a: entry({ shape: [-1] }) }, 4),
      'tensor "a" has no valid shape and data_offsets.',
    ],
    [
      "an entry that is null",
      file({ a: null }),
      'tensor "a" has dtype undefined; expected F32, F64, I32, BOOL.',
    ],
    [
      "a shape of another size",
      file({ a: entry({ shape: [1e9, 1e9] }) }, 4),
      'tensor "a" of shape [1000000000, 1000000000] has 4 bytes of data.',
    ],
    [
      "tensors that overlap",
      file({ a: entry({}), b: entry({}) }, 4),
      'tensor "b" begins at byte 0 of the data, expected 4.',
    ],
    [
      "a hole",
      file({ a: entry({ data_offsets: [4, 8] }) }, 8),
      'tensor "a" begins at byte 4 of the data, expected 0.',
    ],
    [
      "more data than tensors",
      file({ a: entry({}) }, 5),
      "its tensors end at byte 4 of 5 bytes of data.",
    ],
  ])("%s", (_, broken, expected) => {
    expect(message(broken)).toBe(expected);
  });

  test("any damage is refused or leaves other values, never another kind of error", () => {
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.nat(255),
        fc.nat(bytes.length),
        (position, value, length) => {
          const damaged = bytes.slice(0, length);
          damaged[position] = value;
          try {
            decodeSafetensors(damaged);
          } catch (error) {
            expect(error).toBeInstanceOf(FileError);
          }
        },
      ),
      { seed: 2, numRuns: 1000 },
    );
  });
});
