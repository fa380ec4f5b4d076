/** The loop: its events, records and numbers, on every backend. */

import { describe, expect, test } from "vitest";
import { Dataset } from "../data/index.ts";
import { layers, network } from "../nn/index.ts";
import { losses } from "../nn/losses/index.ts";
import { optimizers, type StepPosition } from "../optim/index.ts";
import type { TrainOptions } from "./index.ts";
import { train } from "./index.ts";
import { backends, classifier, clouds, line, recorder, unit } from "./runs.testing.ts";

/** What float64 sums of some hundred terms may differ by when they are taken in another order. */
const rounding = 1e-12;

/** Least squares of w·x + b by gradient descent, row by row: the losses before each step, the parameters. */
function fitByHand(
  data: Dataset,
  start: { readonly w: number; readonly b: number },
  { rate, batchSize, epochs }: { rate: number; batchSize: number; epochs: number },
) {
  let { w, b } = start;
  const epochLosses: number[] = [];
  const stepLosses: number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    let sum = 0;
    for (let from = 0; from < data.length; from += batchSize) {
      const to = Math.min(from + batchSize, data.length);
      let [slope, offset, loss] = [0, 0, 0];
      for (let i = from; i < to; i++) {
        const error = w * data.inputs[i] + b - data.targets[i];
        loss += error ** 2;
        slope += (2 * error * data.inputs[i]) / (to - from);
        offset += (2 * error) / (to - from);
      }
      w -= rate * slope;
      b -= rate * offset;
      sum += loss;
      stepLosses.push(loss / (to - from));
    }
    epochLosses.push(sum / data.length);
  }
  return { w, b, epochLosses, stepLosses };
}

describe.each(backends.map((backend) => ({ name: backend.name, backend })))(
  "on $name",
  ({ backend }) => {
    test("losses and parameters equal a computation by hand, partial batches included", async () => {
      const data = line();
      const net = unit();
      const start = { w: net.weights.get("0.weight")![0], b: net.weights.get("0.bias")![0] };
      const expected = fitByHand(data, start, { rate: 0.05, batchSize: 4, epochs: 3 });
      const { of, onEvent } = recorder();
      const history = await train(net, data, {
        optimizer: optimizers.sgd({ learningRate: 0.05 }),
        epochs: 3,
        batchSize: 4,
        shuffle: false,
        eventSteps: 1,
        backend,
        onEvent,
      });
      expect(of("start")[0]).toMatchObject({ stepsPerEpoch: 3, samples: 10, parameters: 2 });
      const close = (got: readonly number[], want: readonly number[]) => {
        expect(got.length).toBe(want.length);
        got.forEach((value, i) => {
          expect(Math.abs(value - want[i])).toBeLessThan(rounding);
        });
      };
      close(
        history.epochs.map(({ train: { loss } }) => loss),
        expected.epochLosses,
      );
      close(
        of("step").map(({ loss }) => loss),
        expected.stepLosses,
      );
      close(
        [net.weights.get("0.weight")![0], net.weights.get("0.bias")![0]],
        [expected.w, expected.b],
      );
    });

    test("events come in order and the history repeats their records", async () => {
      const { events, of, onEvent } = recorder();
      const history = await train(classifier(), clouds(), {
        epochs: 2,
        batchSize: 25,
        validation: clouds(1),
        eventSteps: 2,
        backend,
        onEvent,
      });
      expect(events.map(({ type }) => type)).toEqual([
        "start",
        "step",
        "epoch",
        "step",
        "epoch",
        "end",
      ]);
      expect(of("start")[0]).toEqual({
        type: "start",
        epochs: 2,
        stepsPerEpoch: 3,
        stepsDone: 0,
        samples: 60,
        parameters: 51,
        backend: backend.name,
      });
      expect(of("step").map(({ epoch, step }) => [epoch, step])).toEqual([
        [1, 2],
        [2, 5],
      ]);
      const records = of("epoch").map(({ type: _, isBest: __, weights: ___, ...record }) => record);
      expect(history.epochs).toEqual(records);
      expect(records.map(({ epoch, step }) => [epoch, step])).toEqual([
        [1, 3],
        [2, 6],
      ]);
      expect(history).toMatchObject({ reason: "finished", steps: 6 });
      expect(of("end")[0]).toMatchObject({ reason: "finished", epochs: 2, steps: 6 });
    });

    test("validation measures are those of evaluate, over whole and partial batches", async () => {
      const net = classifier(3, "float64");
      const validation = clouds(5, 1100);
      const { epochs } = await train(net, clouds(), { epochs: 1, validation, backend });
      const { loss, accuracy } = await net.evaluate(validation, { backend });
      expect(Math.abs(epochs[0].validation!.loss - loss)).toBeLessThan(rounding);
      expect(epochs[0].validation!.accuracy).toBe(accuracy);
    });

    test("a learning rate of each step is asked for and used", async () => {
      const net = unit();
      const before = [...net.weights.values()].map((values) => values.slice());
      const positions: StepPosition[] = [];
      const learningRate = (position: StepPosition) => {
        positions.push(position);
        return 0;
      };
      const optimizer = optimizers.sgd({ learningRate: 0.25 });
      const options: TrainOptions = { optimizer, epochs: 2, batchSize: 4, backend };
      const { epochs } = await train(net, line(), { ...options, learningRate });
      expect([...net.weights.values()]).toEqual(before);
      expect(epochs[1].learningRate).toBe(0);
      const seen = new Map(positions.map((position) => [position.step, position]));
      expect([...seen.values()]).toMatchObject(
        [1, 2, 3, 4, 5, 6].map((step) => ({
          step,
          epoch: step > 3 ? 2 : 1,
          totalSteps: 6,
          base: 0.25,
        })),
      );
      await train(net, line(), { ...options, learningRate: ({ step }) => (step === 4 ? 0.1 : 0) });
      const stepped = net.weights.get("0.weight")![0];
      expect(stepped).not.toBe(before[0][0]);
    });

    test("class weights make the loss a weighted mean; balanced ones are rows / (classes · count)", async () => {
      const data = new Dataset({
        name: "three to one",
        inputs: Float64Array.of(1, 2, 3, 4),
        inputShape: [1],
        targets: Int32Array.of(0, 0, 0, 1),
        classNames: ["often", "rare"],
      });
      const make = () =>
        network({ input: [1], layers: [layers.linear(2)], dtype: "float64", seed: 2 });
      const net = make();
      const [w0, w1] = net.weights.get("0.weight")!;
      const [b0, b1] = net.weights.get("0.bias")!;
      const rowLoss = (x: number, label: number) => {
        const margin = (w1 - w0) * x + b1 - b0;
        return Math.log1p(Math.exp(label === 1 ? -margin : margin));
      };
      const rows = [rowLoss(1, 0), rowLoss(2, 0), rowLoss(3, 0), rowLoss(4, 1)];
      const weighted = ([often, rare]: readonly number[]) =>
        (often * (rows[0] + rows[1] + rows[2]) + rare * rows[3]) / (3 * often + rare);
      const options = { epochs: 1, batchSize: 4, backend };
      const explicit = await train(make(), data, { ...options, classWeights: [0.5, 3] });
      expect(Math.abs(explicit.epochs[0].train.loss - weighted([0.5, 3]))).toBeLessThan(rounding);
      const balanced = await train(make(), data, { ...options, classWeights: "balanced" });
      expect(Math.abs(balanced.epochs[0].train.loss - weighted([4 / 6, 4 / 2]))).toBeLessThan(
        rounding,
      );
    });

    test("a class of weight 0 does not change the parameters", async () => {
      const data = clouds();
      const onlyZero = data.subset([...data.labels.keys()].filter((i) => data.labels[i] === 0));
      const [weighted, without] = [classifier(1, "float64"), classifier(1, "float64")];
      const options = { epochs: 1, batchSize: 60, shuffle: false, backend };
      const optimizer = optimizers.sgd({ learningRate: 0.1 });
      await train(weighted, data, { ...options, optimizer, classWeights: [1, 0, 0] });
      await train(without, onlyZero, { ...options, optimizer });
      for (const [path, values] of without.weights) {
        values.forEach((value, i) => {
          expect(Math.abs(weighted.weights.get(path)![i] - value)).toBeLessThan(rounding);
        });
      }
    });

    test("the same seed gives the same bytes, another seed others", async () => {
      const run = async (seed: number) => {
        const net = classifier(4);
        const { epochs } = await train(net, clouds(), { epochs: 5, batchSize: 7, seed, backend });
        return {
          weights: [...net.weights.values()],
          losses: epochs.map((each) => each.train.loss),
        };
      };
      const [first, second, other] = [await run(1), await run(1), await run(2)];
      expect(second).toEqual(first);
      expect(other.weights).not.toEqual(first.weights);
    });

    test("a sum over the batch trains with batch times the gradient of the mean", async () => {
      const [mean, sum] = [unit(), unit()];
      const run = (net: typeof mean, reduction: "mean" | "sum", learningRate: number) =>
        train(net, line(), {
          loss: losses.mse({ reduction }),
          optimizer: optimizers.sgd({ learningRate }),
          epochs: 2,
          batchSize: 5,
          shuffle: false,
          backend,
        });
      await run(mean, "mean", 0.05);
      await run(sum, "sum", 0.01);
      const [a, b] = [mean, sum].map((net) => net.weights.get("0.weight")![0]);
      expect(Math.abs(a - b)).toBeLessThan(rounding);
    });

    test("the training accuracy counts rows before the step that they are part of", async () => {
      const net = classifier(1);
      const { accuracy } = await net.evaluate(clouds(), { backend });
      const { epochs } = await train(net, clouds(), { epochs: 1, batchSize: 100, backend });
      expect(epochs[0].train.accuracy).toBe(accuracy);
    });
  },
);

test("reference and wasm give the same float64 parameters within rounding", async () => {
  const [reference, wasm] = await Promise.all(
    backends.map(async (backend) => {
      const net = classifier(1, "float64");
      await train(net, clouds(), { epochs: 3, batchSize: 16, backend });
      return net.weights;
    }),
  );
  for (const [path, values] of reference) {
    values.forEach((value, i) => {
      expect(Math.abs(wasm.get(path)![i] - value)).toBeLessThan(1e-11);
    });
  }
});

describe("options that do not fit", () => {
  test.each<[string, TrainOptions, string]>([
    ["epochs", { epochs: 1.5 }, "train: expected epochs to be an integer from 0, got 1.5."],
    ["batch size", { batchSize: 0 }, "train: expected batchSize to be an integer from 1, got 0."],
    [
      "patience",
      { earlyStopping: { patience: 0 } },
      "train: expected earlyStopping.patience to be an integer from 1, got 0.",
    ],
    [
      "number of class weights",
      { classWeights: [1, 2] },
      "train: expected 3 classWeights of at least 0, got [1, 2].",
    ],
    [
      "validation task",
      {
        validation: new Dataset({
          ...line(),
          name: "v",
          inputShape: [2],
          targets: new Float64Array(5),
        }),
      },
      "train: the training set is for classification, the validation set for regression.",
    ],
  ])("%s", async (_, options, message) => {
    await expect(train(classifier(), clouds(), options)).rejects.toThrow(message);
  });

  test("accuracy without class labels", async () => {
    await expect(train(unit(), line(), { earlyStopping: { monitor: "accuracy" } })).rejects.toThrow(
      'train: earlyStopping cannot monitor accuracy without class labels; use monitor: "loss".',
    );
    await expect(train(unit(), line(), { classWeights: "balanced" })).rejects.toThrow(
      "train: classWeights need class labels; the dataset has none.",
    );
  });

  test("rows of another shape", async () => {
    await expect(train(classifier(), line())).rejects.toThrow(
      'Dataset "line": its rows have shape [1], the network takes [2].',
    );
  });

  test("labels that the network has no output for", async () => {
    const net = network({ input: [2], layers: [layers.linear(2)] });
    await expect(train(net, clouds())).rejects.toThrow("expected labels from 0 to 1.");
  });
});

test("no epochs leave the parameters as they are", async () => {
  const net = unit();
  const before = net.weights.get("0.weight")!.slice();
  const history = await train(net, line(), { epochs: 0 });
  expect(history).toMatchObject({ epochs: [], steps: 0, bestEpoch: 0, reason: "finished" });
  expect(net.weights.get("0.weight")).toEqual(before);
});
