/** Tests of MNIST and Fashion-MNIST: their numbers, the layouts of folders, and each way to be broken. */

import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fashionMnist, hasImageSet, mnist } from "./imageSets.node.ts";
import { idxBytes, localImageSet } from "./imageSets.testing.ts";
import { imageSets } from "./imageSets.ts";
import { imageSetFromBytes, imagesFromIdx } from "./images.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chainrule-images-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const local = { mnist: localImageSet("mnist"), fashionMnist: localImageSet("fashionMnist") };
const missing = "set CHAINRULE_DATA_DIR to a folder with the files";

describe.skipIf(local.mnist === undefined)(`MNIST (${missing})`, () => {
  test("holds the published labels, means and deviations", async () => {
    const { train, test } = await mnist(local.mnist);
    expect([train.length, test.length]).toEqual([60_000, 10_000]);
    expect(train.inputShape).toEqual([28, 28, 1]);
    expect(train.inputs).toBeInstanceOf(Float32Array);
    expect(Array.from(train.classCounts())).toEqual([
      5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]);
    expect(Array.from(test.classCounts())).toEqual([
      980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009,
    ]);
    // The published numbers have four digits.
    expect(moments(train.inputs).map((value) => value.toFixed(4))).toEqual(["0.1307", "0.3081"]);
    expect(moments(test.inputs).map((value) => value.toFixed(4))).toEqual(["0.1325", "0.3105"]);
    expect(Math.max(...test.inputs.subarray(0, 784))).toBe(1);
  });

  const { dataDir } = local.mnist ?? {};
  test.skipIf(dataDir === undefined)("files may lie in the folder itself", async () => {
    const flat = resolve(dataDir!, "mnist");
    expect(hasImageSet("mnist", { dataDir: flat })).toBe(true);
    const bytes = await imageSetFromBytes("mnist", filesIn(flat));
    expect(bytes.test.length).toBe(10_000);
  });

  test.skipIf(dataDir === undefined)(
    "a part may be uncompressed, or changed: the checksum tells",
    async () => {
      const source = resolve(dataDir!, "mnist");
      const target = join(folder, "changed");
      await mkdir(target);
      for (const { name } of Object.values(imageSets.mnist.files)) {
        await symlink(join(source, `${name}.gz`), join(target, `${name}.gz`));
      }
      const labels = gunzipSync(readFileSync(join(source, "t10k-labels-idx1-ubyte.gz")));
      await rm(join(target, "t10k-labels-idx1-ubyte.gz"));
      await writeFile(join(target, "t10k-labels-idx1-ubyte"), labels);
      expect((await mnist({ dataDir: target })).test.length).toBe(10_000);
      labels[20] = (labels[20] + 1) % 10;
      await writeFile(join(target, "t10k-labels-idx1-ubyte"), labels);
      await expect(mnist({ dataDir: target })).rejects.toThrow(
        /t10k-labels-idx1-ubyte: expected the MNIST file t10k-labels-idx1-ubyte \(SHA-256 ff7bcfd416de…\), got other content/,
      );
    },
  );
});

describe.skipIf(local.fashionMnist === undefined)(`Fashion-MNIST (${missing})`, () => {
  test("has as many rows of every class, and is normalized when asked", async () => {
    const { train, test } = await fashionMnist({ ...local.fashionMnist, normalize: true });
    expect(new Set(train.classCounts())).toEqual(new Set([6000]));
    expect(new Set(test.classCounts())).toEqual(new Set([1000]));
    expect(train.classNames?.[9]).toBe("Ankle boot");
    const [mean, deviation] = moments(train.inputs);
    // The published 0.2860 and 0.3530 are rounded to half a unit of 1e-4.
    expect(mean).toBeCloseTo(0, 3);
    expect(deviation).toBeCloseTo(1, 3);
  });
});

describe("errors", () => {
  const put = async (name: string, content: Uint8Array) => {
    const path = join(folder, name);
    await mkdir(path, { recursive: true });
    for (const { name } of Object.values(imageSets.mnist.files)) {
      await writeFile(join(path, `${name}.gz`), content);
    }
    return path;
  };

  test("a folder without the files names them, the option and the variable", async () => {
    const empty = join(folder, "empty");
    await mkdir(empty);
    await expect(mnist({ dataDir: empty })).rejects.toThrow(
      `Data folder "${empty}": expected MNIST's train-images-idx3-ubyte.gz, in mnist/ or directly in the folder, found neither; put the set's four files there, or leave out --data-dir and CHAINRULE_DATA_DIR to fetch them.`,
    );
  });

  test("a broken gzip", async () => {
    const whole = gzipSync(idxBytes([1000], new Uint8Array(1000)));
    const path = await put("broken", whole.subarray(0, whole.length - 12));
    await expect(mnist({ dataDir: path })).rejects.toThrow(
      /ubyte\.gz: expected a complete gzip file, got a damaged one; copy or download it again\./,
    );
    const bytes = { "train-images-idx3-ubyte": whole.subarray(0, whole.length - 12) };
    await expect(imageSetFromBytes("mnist", bytes)).rejects.toThrow(/got a damaged one/);
  });

  test("a wrong magic number", async () => {
    const path = await put("magic", gzipSync(Uint8Array.of(0, 0, 1, 2, 3)));
    await expect(mnist({ dataDir: path })).rejects.toThrow(/magic number .* got 0x00000102/);
  });

  test("a wrong count", async () => {
    const path = await put("count", gzipSync(idxBytes([5], Uint8Array.of(1, 2))));
    await expect(mnist({ dataDir: path })).rejects.toThrow(
      /announces 5 uint8 values .* got 2 bytes/,
    );
  });

  test("a missing file of a page", async () => {
    await expect(imageSetFromBytes("mnist", {})).rejects.toThrow(
      'MNIST: expected the file "train-images-idx3-ubyte", got none.',
    );
  });

  test("images and labels of different numbers", () => {
    const images = { where: "images", bytes: idxBytes([2, 1, 1], [0, 255]) };
    const labels = { where: "labels", bytes: idxBytes([3], [0, 1, 1]) };
    expect(() => imagesFromIdx({ name: "x", images, labels })).toThrow(
      "labels: expected one label for each of the 2 images in images, got 3; the two files do not belong together.",
    );
    expect(() => imagesFromIdx({ name: "x", images: labels, labels })).toThrow(
      "labels: expected images [rows, height, width] of bytes, got [3]; is it the other file of the set?",
    );
  });
});

test("colours stay the last axis, and pixels become 0 to 1", () => {
  const images = { where: "images", bytes: idxBytes([1, 1, 2, 3], [0, 51, 102, 153, 204, 255]) };
  const labels = { where: "labels", bytes: idxBytes([1], [0]) };
  const set = imagesFromIdx({ name: "x", images, labels });
  expect(set.inputShape).toEqual([1, 2, 3]);
  expect(Array.from(set.inputs)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1].map(Math.fround));
});

function moments(values: Float32Array | Float64Array): [mean: number, deviation: number] {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return [mean, Math.sqrt(squares / values.length - mean * mean)];
}

function filesIn(path: string): Record<string, Uint8Array> {
  return Object.fromEntries(
    Object.values(imageSets.mnist.files).map(({ name }) => [
      name,
      readFileSync(join(path, `${name}.gz`)),
    ]),
  );
}
