/** Tests of PNG pictures and folders of them. */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readImageFolder, readImageParts } from "./imageFolder.node.ts";
import { decodePicture } from "./png.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chainrule-png-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const grey = (values: number[], width = values.length) =>
  encode({ width, height: values.length / width, data: Uint8Array.from(values), channels: 1 });
const colour = (values: number[], channels = 3) =>
  encode({ width: values.length / channels, height: 1, data: Uint8Array.from(values), channels });
const rounded = (values: readonly number[]) => values.map(Math.fround);
/** A PNG file from its chunks. */
const byHand = (chunks: readonly (readonly [type: string, body: ArrayLike<number>])[]) =>
  Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    ...chunks.map(([type, body]) => {
      const typed = Buffer.concat([Buffer.from(type), Buffer.from(Array.from(body))]);
      const frame = Buffer.alloc(8);
      frame.writeUInt32BE(body.length, 0);
      frame.writeUInt32BE(crc32(typed), 4);
      return Buffer.concat([frame.subarray(0, 4), typed, frame.subarray(4)]);
    }),
  ]);
const fromBase64 = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

describe("decodePicture", () => {
  test("8-bit grey becomes 0 to 1, one channel", () => {
    const picture = decodePicture(grey([0, 51, 102, 255], 2));
    expect(picture).toMatchObject({ height: 2, width: 2, channels: 1 });
    expect(Array.from(picture.pixels)).toEqual(rounded([0, 0.2, 0.4, 1]));
  });

  test("colours stay three channels, or become their luminance", () => {
    const png = colour([255, 0, 0, 0, 255, 0, 0, 0, 255]);
    expect(Array.from(decodePicture(png).pixels)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    const luminance = Array.from(decodePicture(png, { channels: 1 }).pixels);
    expect(luminance).toEqual(rounded([0.299, 0.587, 0.114]));
    expect(Array.from(decodePicture(grey([51]), { channels: 3 }).pixels)).toEqual(
      rounded([0.2, 0.2, 0.2]),
    );
  });

  test("transparent pixels show white behind them", () => {
    const png = colour([0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 0, 51], 4);
    const pixels = Array.from(decodePicture(png, { channels: 1 }).pixels);
    expect(pixels[0]).toBeCloseTo(1, 6);
    expect(pixels[1]).toBe(0);
    expect(pixels[2]).toBeCloseTo(0.8, 6);
  });

  test("16 bits keep their precision", () => {
    const data = Uint16Array.of(0, 257, 65535);
    const png = encode({ width: 3, height: 1, data, channels: 1, depth: 16 });
    expect(Array.from(decodePicture(png).pixels)).toEqual(rounded([0, 257 / 65535, 1]));
  });

  test("a black-and-white picture of one bit a pixel, rows padded to bytes", () => {
    const data = Uint8Array.of(0b10100000, 0b01000000);
    const png = encode({ width: 3, height: 2, data, channels: 1, depth: 1 });
    expect(Array.from(decodePicture(png).pixels)).toEqual([1, 0, 1, 0, 1, 0]);
  });

  test("a palette of four colours, one of them transparent", () => {
    const png = byHand([
      ["IHDR", [0, 0, 0, 3, 0, 0, 0, 1, 2, 3, 0, 0, 0]],
      ["PLTE", [255, 0, 0, 0, 255, 0, 0, 0, 255]],
      ["tRNS", [255, 255, 0]],
      ["IDAT", deflateSync(Uint8Array.of(0, 0b00011000))],
      ["IEND", []],
    ]);
    expect(Array.from(decodePicture(png).pixels)).toEqual([1, 0, 0, 0, 1, 0, 1, 1, 1]);
  });

  test("a file by another program: one red pixel", () => {
    const png = fromBase64(
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
    );
    expect(Array.from(decodePicture(png).pixels)).toEqual([1, 0, 0]);
  });

  test("other files and damaged ones are refused by name", () => {
    expect(() => decodePicture(Uint8Array.of(1, 2, 3), { where: 'File "a.png"' })).toThrow(
      /^File "a\.png": expected a PNG picture, got something else or a damaged one \(.+\); save it as PNG again\.$/,
    );
    const damaged = grey([1, 2, 3, 4]).slice();
    damaged[45] ^= 0xff;
    expect(() => decodePicture(damaged)).toThrow(/expected a PNG picture/);
  });
});

describe("readImageFolder", () => {
  test("each folder is a class, in the order of names", async () => {
    const path = join(folder, "letters");
    for (const [name, value] of [
      ["b", 255],
      ["a", 0],
    ] as const) {
      await mkdir(join(path, name), { recursive: true });
      await writeFile(join(path, name, "2.png"), grey([value, value]));
      await writeFile(join(path, name, "1.PNG"), grey([value, 51]));
      await writeFile(join(path, name, "notes.txt"), "not a picture");
    }
    const set = await readImageFolder(path);
    expect(set.name).toBe("letters");
    expect(set.classNames).toEqual(["a", "b"]);
    expect(set.inputShape).toEqual([1, 2, 1]);
    expect(Array.from(set.labels)).toEqual([0, 0, 1, 1]);
    expect(Array.from(set.inputs)).toEqual(rounded([0, 0.2, 0, 0, 1, 0.2, 1, 1]));
    expect((await readImageFolder(path, { channels: 3 })).inputShape).toEqual([1, 2, 3]);
    await expect(readImageFolder(path, { classNames: ["a", "c"] })).rejects.toThrow(
      'expected the classes a, c, got a folder "b".',
    );
  });

  test("one coloured picture makes all of them coloured", async () => {
    const path = join(folder, "mixed");
    await mkdir(join(path, "x"), { recursive: true });
    await writeFile(join(path, "x", "1.png"), grey([0]));
    await writeFile(join(path, "x", "2.png"), colour([255, 0, 0]));
    expect((await readImageFolder(path)).inputShape).toEqual([1, 1, 3]);
  });

  test("pictures of two sizes, a folder without any, and a missing folder are named", async () => {
    const path = join(folder, "sizes");
    await mkdir(join(path, "x"), { recursive: true });
    await expect(readImageFolder(path)).rejects.toThrow(
      /expected a folder for each class with \.png files in it, .* found 1 folders/,
    );
    await writeFile(join(path, "x", "1.png"), grey([0]));
    await writeFile(join(path, "x", "2.png"), grey([0, 0]));
    await expect(readImageFolder(path)).rejects.toThrow(
      /2\.png": expected 1 x 1 pixels as in 1\.png, got 2 x 1; scale all pictures to one size\./,
    );
    await expect(readImageFolder(join(folder, "nowhere"))).rejects.toThrow(/found nothing there/);
  });
});

test("a folder with train and test holds two parts of the same classes and size", async () => {
  const path = join(folder, "parts");
  const put = async (part: string, kind: string, png: Uint8Array) => {
    await mkdir(join(path, part, kind), { recursive: true });
    await writeFile(join(path, part, kind, "1.png"), png);
  };
  await put("train", "a", grey([0]));
  await put("train", "b", grey([255]));
  await put("test", "b", grey([51]));
  const parts = await readImageParts(path);
  if (!("train" in parts)) throw new Error("expected two parts");
  expect(parts.train.name).toBe("parts (train)");
  expect(parts.test.classNames).toEqual(["a", "b"]);
  expect(Array.from(parts.test.labels)).toEqual([1]);
  await put("test", "b", grey([0, 0]));
  await expect(readImageParts(path)).rejects.toThrow(
    "expected pictures of 1 x 1 pixels in test/ as in train/, got 2 x 1; scale all pictures to one size.",
  );
  await put("test", "c", grey([0]));
  await expect(readImageParts(path)).rejects.toThrow(
    'expected the classes a, b, got a folder "c".',
  );
  expect(await readImageParts(join(path, "train"))).toHaveLength(2);
});
