/** Tests of augmentation in a real worker thread: the same bytes as beside training, and its ends. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { augmentation } from "./augmentation.ts";
import { defineTransform } from "./transform.ts";
import { transforms } from "./transforms.ts";
import { augmentInWorker } from "./worker.node.ts";

const list = Object.values(transforms).map((make) => make());
const shape = [8, 8, 1];
const task = (epoch: number, Values: typeof Float32Array | typeof Float64Array = Float32Array) => {
  const inputs = new Values(3 * 64);
  for (let i = 0; i < inputs.length; i++) inputs[i] = (i * 7) % 13;
  return { epoch, rows: Int32Array.of(5, 0, 17), inputs };
};

test("a worker gives the same bytes as the thread itself", async () => {
  const inside = augmentInWorker(list, { fill: 0 }).open(shape, 3);
  const beside = augmentation(list, { fill: 0 }).open(shape, 3);
  try {
    for (const values of [Float32Array, Float64Array] as const) {
      const answers = await Promise.all([1, 2].map((epoch) => inside.prepare(task(epoch, values))));
      const expected = await Promise.all(
        [1, 2].map((epoch) => beside.prepare(task(epoch, values))),
      );
      expect(answers).toEqual(expected);
      expect(answers[0]).toBeInstanceOf(values);
      expect(answers[0]).not.toEqual(task(1, values).inputs);
    }
  } finally {
    inside.close();
    beside.close();
  }
});

test("the memory goes to the worker and comes back", async () => {
  const preparer = augmentInWorker(list).open(shape, 3);
  const given = task(1);
  const answer = preparer.prepare(given);
  expect(given.inputs.length).toBe(0);
  expect(await answer).toHaveLength(192);
  preparer.close();
});

test("a process does not end before the last answer", () => {
  const script = `
    import { transforms } from ${JSON.stringify(join(import.meta.dirname, "transforms.ts"))};
    import { augmentInWorker } from ${JSON.stringify(join(import.meta.dirname, "worker.node.ts"))};
    const preparer = augmentInWorker([transforms.shift()]).open([8, 8, 1], 3);
    const task = () => ({ epoch: 1, rows: Int32Array.of(1), inputs: new Float32Array(64) });
    const answers = [preparer.prepare(task()), preparer.prepare(task()), preparer.prepare(task())];
    for (const answer of answers) await answer;
    console.log("all answered");`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", script],
    {
      encoding: "utf8",
    },
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "all answered\n", stderr: "" });
});

test("closing ends what is under way, and later tasks", async () => {
  const preparer = augmentInWorker(list).open(shape, 3);
  const answer = preparer.prepare(task(1));
  preparer.close();
  await expect(answer).rejects.toThrow("The worker that augments was closed.");
  await expect(preparer.prepare(task(2))).rejects.toThrow("was closed");
});

test("an error in the worker is the task's error", async () => {
  const preparer = augmentInWorker(list).open(shape, 3);
  const broken = { ...task(1), rows: undefined as never };
  await expect(preparer.prepare(broken)).rejects.toThrow(/^The worker that augments failed: .+/);
  preparer.close();
});

test("a transform of one's own cannot go to a worker", () => {
  const own = defineTransform({ name: "own", apply: () => {} });
  expect(() => augmentInWorker([own])).toThrow(
    "Transform own: expected a built-in transform for a worker, got one of your own; use augmentation(transforms), which works beside training.",
  );
});
