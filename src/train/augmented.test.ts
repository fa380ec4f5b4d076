/** Tests of training in chunks: the same bits as with all rows in memory, augmented, in a worker, resumed. */

import { describe, expect, test } from "vitest";
import { augmentInWorker } from "../data/augment/worker.node.ts";
import {
  type Augmentation,
  type AugmentTask,
  augmentation,
  Dataset,
  defineTransform,
  epochOrder,
  transforms,
} from "../data/index.ts";
import { layers, type Network, network } from "../nn/index.ts";
import { losses } from "../nn/losses/index.ts";
import { optimizers } from "../optim/index.ts";
import { variants } from "../optim/variants.ts";
import { Generator } from "../util/index.ts";
import { Chunks } from "./chunks.ts";
import { type TrainingState, type TrainOptions, train } from "./index.ts";
import { backends, clouds, line, recorder, unit } from "./runs.testing.ts";

const [, wasm] = backends;

/** Random pictures of two classes: 50 rows of 8 x 8 unless told, one class brighter. */
function pictures({ rows = 50, side = 8, channels = 1 } = {}): Dataset {
  const generator = new Generator(8);
  const targets = Int32Array.from({ length: rows }, (_, i) => i % 2);
  const size = side * side * channels;
  const inputs = new Float32Array(rows * size);
  for (let i = 0; i < inputs.length; i++) {
    inputs[i] = generator.uniform() + 0.1 * targets[Math.floor(i / size)];
  }
  return new Dataset({ name: "pictures", inputs, inputShape: [side, side, channels], targets });
}

const reader = ({ inputShape }: Dataset) =>
  network({
    input: inputShape,
    layers: [
      layers.flatten(),
      layers.linear(6),
      layers.relu(),
      layers.dropout(0.2),
      layers.linear(2),
    ],
    seed: 3,
  });

const weightsOf = (net: Network) =>
  [...net.weights].map(([path, values]) => [path, Array.from(values)]);

async function weightsAfter(data: Dataset, options: TrainOptions) {
  const net = reader(data);
  const history = await train(net, data, { epochs: 3, batchSize: 8, backend: wasm, ...options });
  const records = history.epochs.map(({ seconds: _, ...record }) => record);
  return { weights: weightsOf(net), records };
}

describe("chunks", () => {
  const data = pictures({ rows: 21 });
  const options = { batchSize: 4, shuffle: true, seed: 5, epochs: 2, augment: undefined };

  test("hold the rows of whole steps in the epoch's order", async () => {
    // Room for two steps of four rows of 256 bytes.
    const chunks = new Chunks(data, options, 2 * 4 * 256 + 100);
    expect([chunks.steps, chunks.rows]).toEqual([2, 8]);
    for (const epoch of [1, 2]) {
      const order = epochOrder(21, { epoch, seed: 5 });
      for (const index of [0, 1, 2]) {
        const { writeInputs, writeTargets, release } = await chunks.take(epoch, index);
        const expected = data.subset(order.subarray(8 * index, 8 * index + 8));
        const inputs = new Float32Array(8 * 64).fill(7);
        const targets = new Int32Array(8).fill(7);
        writeInputs(inputs);
        writeTargets(targets);
        expect(inputs.subarray(0, expected.inputs.length)).toEqual(expected.inputs);
        expect(targets.subarray(0, expected.length)).toEqual(expected.targets);
        // What lies behind the last row stays as it was.
        expect(inputs.subarray(expected.inputs.length).every((value) => value === 7)).toBe(true);
        release();
      }
    }
    chunks.close();
  });

  test("a step larger than the room is a chunk of its own", () => {
    const chunks = new Chunks(data, options, 10);
    expect([chunks.steps, chunks.rows]).toEqual([1, 4]);
    expect(new Chunks(data, options).rows).toBe(21);
  });

  test("memory is used again, and any order of taking gives the same rows", async () => {
    const memories = new Set<unknown>();
    const shifted = augmentation([transforms.shift()]);
    const augment: Augmentation = {
      ...shifted,
      open: (shape, seed) => {
        const preparer = shifted.open(shape, seed);
        const prepare = (task: AugmentTask) => {
          memories.add(task.inputs.buffer);
          return preparer.prepare(task);
        };
        return { ...preparer, prepare };
      },
    };
    const chunks = new Chunks(data, { ...options, augment }, 2 * 4 * 256);
    const seen = new Map<string, number[]>();
    const wanted = [
      [1, 0],
      [1, 1],
      [1, 2],
      [2, 0],
      [2, 1],
      [2, 2],
      [1, 1],
      [2, 2],
      [1, 0],
    ];
    for (const [epoch, index] of wanted) {
      const { writeInputs, release } = await chunks.take(epoch, index);
      const inputs = new Float32Array(8 * 64);
      writeInputs(inputs);
      const count = Math.min(8, 21 - 8 * index) * 64;
      const key = `${epoch} ${index}`;
      const values = Array.from(inputs.subarray(0, count));
      expect(seen.get(key) ?? values).toEqual(values);
      seen.set(key, values);
      release();
    }
    expect(seen.size).toBe(6);
    // One in use, two ahead; jumps leave behind what was ahead.
    expect(memories.size).toBeLessThanOrEqual(6);
    chunks.close();
  });
});

test("without changes, chunks train to the same bits as all rows in memory", async () => {
  // 24 kB a row in float64: 600 rows are two chunks of 8 MB.
  const data = pictures({ rows: 600, side: 32, channels: 3 });
  const wide = new Dataset({ ...data, inputs: Float64Array.from(data.inputs) });
  const options = {
    epochs: 2,
    batchSize: 50,
    learningRate: ({ step, base }: { step: number; base: number }) => base / step,
  };
  const whole = await weightsAfter(wide, options);
  expect(new Chunks(wide, { ...options, shuffle: true, seed: 3, augment: undefined }).steps).toBe(
    6,
  );
  expect(await weightsAfter(wide, { ...options, augment: [] })).toEqual(whole);
});

test("packed rows train to the same bits as unpacked ones: whole, in chunks, as a validation set", async () => {
  const { inputs, ...rest } = pictures({ rows: 600, side: 64 });
  const packed = new Dataset({
    ...rest,
    inputs: {
      codes: Uint8Array.from(inputs, (value) => Math.floor(value * 100)),
      meanings: Float32Array.from({ length: 256 }, (_, code) => (code / 100 - 0.4) / 0.3),
    },
  });
  const unpacked = new Dataset({ ...rest, inputs: Float32Array.from(packed.inputs) });
  const options = { epochs: 2, batchSize: 50 };
  const whole = await weightsAfter(unpacked, { ...options, validation: unpacked.rows(0, 60) });
  for (const augment of [undefined, []]) {
    const validation = packed.rows(0, 60);
    expect(await weightsAfter(packed, { ...options, augment, validation })).toEqual(whole);
  }
});

test("augmented: the same seed gives the same bits, in a worker too", async () => {
  const data = pictures();
  const list = [transforms.shift(), transforms.rotate(), transforms.elastic(), transforms.noise()];
  const plain = await weightsAfter(data, {});
  const beside = await weightsAfter(data, { augment: list });
  expect(await weightsAfter(data, { augment: list })).toEqual(beside);
  expect(await weightsAfter(data, { augment: augmentInWorker(list) })).toEqual(beside);
  expect(await weightsAfter(data, { augment: list, seed: 4 })).not.toEqual(beside);
  expect(beside).not.toEqual(plain);
});

test("every epoch has changes of its own, and the last step of an epoch its few rows", async () => {
  const seen: string[] = [];
  const spy = defineTransform({ name: "spy", apply: (pixels) => void seen.push(pixels.join()) });
  const data = pictures({ rows: 13 });
  await weightsAfter(data, { augment: [transforms.shift(), spy], epochs: 2, batchSize: 5 });
  expect(seen).toHaveLength(26);
  expect(new Set(seen).size).toBe(26);
});

test("the validation set stays as it is", async () => {
  const data = pictures();
  const black = defineTransform({ name: "black", apply: (pixels) => void pixels.fill(0) });
  const net = reader(data);
  const { epochs } = await train(net, data, {
    augment: [black],
    epochs: 2,
    validation: data,
    backend: wasm,
  });
  const { loss } = await net.evaluate(data, { backend: wasm });
  // Another order of summation, in float32.
  expect(epochs[1].validation!.loss).toBeCloseTo(loss, 5);
  expect(epochs[1].train.loss).not.toBeCloseTo(loss, 3);
});

test("resumed within an epoch and a chunk, to the same bits", async () => {
  const data = pictures();
  const states: TrainingState[] = [];
  const options = { augment: [transforms.shift(), transforms.flip()] };
  const checkpoint = {
    every: { minutes: 0 },
    save: (state: TrainingState) => void states.push(state),
  };
  const whole = await weightsAfter(data, { ...options, checkpoint });
  expect(states.some(({ stepInEpoch }) => stepInEpoch > 0)).toBe(true);
  for (const resume of states) {
    expect(await weightsAfter(data, { ...options, resume })).toEqual(whole);
  }
  const other = weightsAfter(data, { augment: [transforms.shift()], resume: states[0] });
  await expect(other).rejects.toThrow(/resume expected augment \{.*"flip".*\}, .* got \{/);
});

test("a run that breaks names the step and sees the changed rows", async () => {
  const data = pictures();
  const loud = defineTransform({ name: "loud", apply: (pixels) => void pixels.fill(12_345, 0, 1) });
  const net = reader(data);
  const running = train(net, data, {
    augment: [loud],
    optimizer: optimizers.sgd({ learningRate: 1e30 }),
    loss: losses.mse(),
    batchSize: 8,
    backend: wasm,
  });
  await expect(running).rejects.toThrow(
    /Training broke at step 2 .*the largest of this step is 1\.23e\+4/,
  );
});

test("an error in an augmentation ends the run with it", async () => {
  const broken = defineTransform({
    name: "broken",
    apply: () => {
      throw new Error("no such pixel");
    },
  });
  await expect(weightsAfter(pictures(), { augment: [broken] })).rejects.toThrow("no such pixel");
});

test("rows that are no pictures are refused before the first event", async () => {
  const { events, onEvent } = recorder();
  const running = train(unit(), line(), { augment: [transforms.shift()], onEvent });
  await expect(running).rejects.toThrow(
    "Transform shift: expected pictures [height, width, channels], got rows of shape [1]",
  );
  expect(events).toEqual([]);
  const evaluating = train(reader(pictures()), pictures(), {
    augment: [],
    optimizer: variants.lbfgs(),
  });
  await expect(evaluating).rejects.toThrow(
    "train: augment changes the rows of every epoch, but optimizer lbfgs needs the same rows in all of them",
  );
});

test("noise may be added to any rows", async () => {
  const data = clouds();
  const net = network({ input: [2], layers: [layers.linear(3)], seed: 1 });
  const { epochs } = await train(net, data, {
    augment: [transforms.noise()],
    epochs: 30,
    backend: wasm,
  });
  expect(epochs[29].train.loss).toBeLessThan(epochs[0].train.loss);
});
