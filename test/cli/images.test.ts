/** Tests of folders of pictures and of augmentation on the command line. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import { expect, test } from "vitest";
import { Generator } from "../../src/util/index.ts";
import { file, jsonLines, run, temporaryFolder } from "./run.testing.ts";

const cwd = temporaryFolder();

/** Pictures of 8 x 8 pixels with a bright row or a bright column. */
function draw(part: string, count: number, seed: number): void {
  const random = new Generator(seed);
  for (const kind of ["row", "column"]) {
    const folder = join(cwd, "lines", part, kind);
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < count; i++) {
      const at = 1 + random.integer(6);
      const data = Uint8Array.from({ length: 64 }, (_, p) => {
        const isOn = (kind === "row" ? Math.floor(p / 8) : p % 8) === at;
        return (isOn ? 200 : 0) + random.integer(50);
      });
      writeFileSync(join(folder, `${i}.png`), encode({ width: 8, height: 8, data, channels: 1 }));
    }
  }
}
draw("train", 40, 1);
draw("test", 20, 2);

const config = (augment?: unknown) => ({
  data: { dataset: "imageFolder", path: "lines" },
  network: ["flatten", { kind: "linear", units: 16 }, "relu", "linear"],
  standardize: false,
  optimizer: { kind: "adam", learningRate: 0.01 },
  epochs: 40,
  augment,
});
const slight = {
  transforms: [{ kind: "crop", padding: 1 }, "flip", { kind: "noise", deviation: 0.1 }],
  fill: 0,
};

test("a folder of pictures is learned, augmented in a worker, the same way each time", async () => {
  mkdirSync(join(cwd, "configs"));
  const written = { ...config(slight), data: { ...config().data, path: "../lines" } };
  const path = join("configs", file(join(cwd, "configs"), "lines.json", JSON.stringify(written)));
  const train = (out: string) => run(["train", path, "--out", out, "--json"], { cwd });
  const [first, second] = await Promise.all([train("first"), train("second")]);
  expect(first).toMatchObject({ code: 0, err: "" });
  expect(second.code).toBe(0);
  const [start, ...rest] = jsonLines(first.out);
  expect(start.rows).toEqual({ train: 80, test: 40 });
  expect(rest.at(-1)).toMatchObject({ test: { rows: 40, accuracy: expect.any(Number) } });
  const { accuracy } = (rest.at(-1) as { test: { accuracy: number } }).test;
  expect(accuracy).toBeGreaterThan(0.9);
  const weights = (name: string) => readFileSync(join(cwd, name, "last", "weights.safetensors"));
  expect(weights("first").equals(weights("second"))).toBe(true);
  const evaluated = await run(["evaluate", "first", "--json"], { cwd });
  expect(jsonLines(evaluated.out)[0]).toMatchObject({ type: "evaluate", rows: 40, accuracy });
});

test("a transform that is not known, or not for these rows, is named", async () => {
  const fails = async (augment: unknown, ...words: string[]) => {
    file(cwd, "wrong.json", JSON.stringify(config(augment)));
    return (await run(["train", "wrong.json", "--quiet", ...words], { cwd })).err;
  };
  expect(await fails({ transforms: ["twist"] })).toContain(
    'augment.transforms.0.kind: expected one of shift, crop, rotate, scale, flip, elastic, erase, noise, got "twist"',
  );
  expect(await fails(slight, "--set", "augment.transforms.0.padding=-1")).toContain(
    "augment.transforms.0.padding=-1: augment.transforms.0.padding: expected a number of at least 0, got -1",
  );
  const iris = ["--set", 'data={"dataset":"iris"}', "--set", 'network=["linear"]'];
  expect(await fails(slight, ...iris)).toContain(
    "Transform crop: expected pictures [height, width, channels], got rows of shape [4]",
  );
});
