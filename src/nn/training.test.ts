/** Layers and losses inside the training loop: state, random layers, weighted losses, several outputs. */

import { describe, expect, test } from "vitest";
import { referenceBackend } from "../backend/index.ts";
import { wasmBackend } from "../backend/wasm/index.ts";
import { Dataset } from "../data/index.ts";
import { optimizers } from "../optim/index.ts";
import { train } from "../train/index.ts";
import { Generator } from "../util/index.ts";
import { graph, input, join, joins } from "./graph/index.ts";
import { layers, network } from "./index.ts";
import { losses } from "./losses/index.ts";
import { sequences } from "./sequences.ts";

const backends = [referenceBackend(), wasmBackend()];
const sgd = (learningRate: number) => optimizers.sgd({ learningRate });

function values(rows: number, features: number, targets: Float64Array): Dataset {
  const generator = new Generator(3);
  return new Dataset({
    name: "random",
    inputs: Float64Array.from({ length: rows * features }, () => generator.normal()),
    inputShape: [features],
    targets,
    targetShape: [targets.length / rows],
  });
}

describe.each(backends.map((backend) => [backend.name, backend] as const))(
  "on %s",
  (_, backend) => {
    test("batchNorm's running statistics follow the batches, and are not trained", async () => {
      const net = network({ input: [1], layers: [layers.batchNorm()], dtype: "float64" });
      const data = new Dataset({
        name: "four",
        inputs: Float64Array.of(1, 3, 5, 11),
        inputShape: [1],
        targets: Float64Array.of(0, 0, 0, 0),
        targetShape: [1],
      });
      await train(net, data, {
        backend,
        epochs: 1,
        batchSize: 2,
        shuffle: false,
        optimizer: sgd(0),
      });
      // Batches (1, 3) and (5, 11): means 2 and 8, variances of a sample 2 and 18.
      const mean = 0.9 * (0.9 * 0 + 0.1 * 2) + 0.1 * 8;
      const variance = 0.9 * (0.9 * 1 + 0.1 * 2) + 0.1 * 18;
      expect(net.weights.get("0.runningMean")![0]).toBeCloseTo(mean, 14);
      expect(net.weights.get("0.runningVariance")![0]).toBeCloseTo(variance, 14);
      expect(net.weights.get("0.scale")![0]).toBe(1);
      const result = await net.predict(Float64Array.of(4), { backend });
      expect(result.item()).toBeCloseTo((4 - mean) / Math.sqrt(variance + 1e-5), 14);
    });

    test("validation and early stopping use and restore the running statistics", async () => {
      const net = network({
        input: [2],
        layers: [layers.linear(4), layers.batchNorm(), layers.relu(), layers.linear(1)],
        seed: 1,
        dtype: "float64",
      });
      const data = values(
        40,
        2,
        Float64Array.from({ length: 40 }, (_, i) => Math.sin(i)),
      );
      const history = await train(net, data, {
        backend,
        epochs: 6,
        batchSize: 8,
        validation: data,
        optimizer: sgd(0.05),
        earlyStopping: { patience: 10 },
      });
      const best = Math.min(...history.epochs.map(({ validation }) => validation!.loss));
      expect((await net.evaluate(data, { backend })).loss).toBeCloseTo(best, 12);
    });

    test("dropout trains to the same bits again, and another seed to others", async () => {
      const data = values(
        30,
        3,
        Float64Array.from({ length: 30 }, (_, i) => i % 2),
      );
      const weights = async (seed: number) => {
        const list = [layers.linear(8), layers.dropout(0.5), layers.linear(1)];
        const net = network({ input: [3], layers: list, seed: 1 });
        await train(net, data, { backend, epochs: 3, batchSize: 7, seed, shuffle: false });
        return net.weights;
      };
      expect(await weights(1)).toEqual(await weights(1));
      expect(await weights(1)).not.toEqual(await weights(2));
    });

    test("a loss of weighted classes is reported as the mean over the weights", async () => {
      const net = network({ input: [2], layers: [layers.identity()], dtype: "float64" });
      const data = new Dataset({
        name: "pairs",
        inputs: Float64Array.of(1, 0, 0, 0, 2, 1),
        inputShape: [2],
        targets: Int32Array.of(0, 1, 1),
      });
      const loss = losses.crossEntropy({ classWeights: [3, 1] });
      const { epochs } = await train(net, data, { backend, loss, epochs: 1, validation: data });
      const expected = (3 * Math.log(1 + Math.exp(-1)) + Math.log(2) + Math.log(1 + Math.E)) / 5;
      expect(epochs[0].train.loss).toBeCloseTo(expected, 14);
      expect(epochs[0].validation!.loss).toBeCloseTo(expected, 14);
      expect((await net.evaluate(data, { loss, backend })).loss).toBeCloseTo(expected, 14);
    });

    test("one output learns two classes from labels", async () => {
      const net = network({ input: [2], layers: [layers.linear(1)], seed: 1 });
      const data = new Dataset({
        name: "and",
        inputs: Float64Array.of(0, 0, 0, 1, 1, 0, 1, 1),
        inputShape: [2],
        targets: Int32Array.of(0, 0, 0, 1),
      });
      for (const loss of [losses.binaryCrossEntropy(), losses.hinge(), losses.perceptron()]) {
        net.reset();
        const options = { backend, loss, epochs: 200, batchSize: 1, optimizer: sgd(0.5) };
        const { epochs } = await train(net, data, options);
        expect(epochs.at(-1)!.train.accuracy, loss.kind).toBe(1);
        expect((await net.evaluate(data, { loss, backend })).accuracy, loss.kind).toBe(1);
      }
    });

    test("a graph of two inputs learns two outputs at once", async () => {
      const [a, b] = [input([1]), input([1])];
      const both = join(joins.concatenate(), a, b);
      const model = graph({
        inputs: { a, b },
        outputs: { sum: both.to(layers.linear(1)), larger: both.to(layers.linear(2)) },
      });
      const generator = new Generator(5);
      const left = Array.from({ length: 60 }, () => generator.normal());
      const right = Array.from({ length: 60 }, () => generator.normal());
      const data = new Dataset({
        name: "pairs",
        inputs: model.pack({ a: left, b: right }),
        inputShape: model.input,
        targets: Float64Array.from(
          left.flatMap((x, i) => [x + right[i], ...(x > right[i] ? [1, 0] : [0, 1])]),
        ),
        targetShape: [3],
      });
      const loss = losses.combined([
        { loss: losses.mse(), output: [1] },
        { loss: losses.crossEntropy(), output: [2] },
      ]);
      const net = network({ input: model.input, layers: [model], seed: 1 });
      await train(net, data, { backend, loss, epochs: 150, optimizer: sgd(0.3) });
      const outputs = model.unpack(await net.predict(data.inputs, { backend }));
      const off = left.map((x, i) => Math.abs(x + right[i] - outputs.sum.data[i]));
      expect(Math.max(...off)).toBeLessThan(1e-3);
      const picked = outputs.larger.argMax(1).data;
      const agreed = left.filter((x, i) => (x > right[i] ? 0 : 1) === picked[i]).length;
      expect(agreed).toBeGreaterThanOrEqual(58);
    });

    test("a loss need not look at targets", async () => {
      const net = network({ input: [3], layers: [layers.linear(3)], seed: 1 });
      const data = values(9, 3, new Float64Array(9));
      const loss = losses.triplet();
      const before = (await net.evaluate(data, { loss, backend })).loss;
      await train(net, data, { backend, loss, epochs: 20, optimizer: sgd(0.05) });
      expect((await net.evaluate(data, { loss, backend })).loss).toBeLessThan(before);
    });
  },
);

test("both backends train batchNorm, dropout and an LSTM alike", async () => {
  const generator = new Generator(2);
  const data = new Dataset({
    name: "sequences",
    inputs: Float64Array.from({ length: 24 * 10 }, () => generator.normal()),
    inputShape: [5, 2],
    targets: Int32Array.from({ length: 24 }, (_, i) => i % 2),
  });
  const [a, b] = await Promise.all(
    backends.map(async (backend) => {
      const list = [sequences.lstm(4), layers.batchNorm(), layers.dropout(0.2), layers.linear(2)];
      const net = network({ input: [5, 2], layers: list, seed: 1, dtype: "float64" });
      await train(net, data, { backend, epochs: 3, batchSize: 5 });
      return net.weights;
    }),
  );
  for (const [path, expected] of a) {
    b.get(path)!.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 10);
    });
  }
});
