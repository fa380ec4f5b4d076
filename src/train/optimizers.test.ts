/** Training with optimizers that need more of the loop: line searches, averages, schedules that watch. */

import { describe, expect, test } from "vitest";
import { Dataset } from "../data/index.ts";
import { layers, network } from "../nn/index.ts";
import { type Optimizer, optimizers } from "../optim/index.ts";
import { schedules } from "../optim/schedules/index.ts";
import { variants } from "../optim/variants.ts";
import { wrappers } from "../optim/wrappers.ts";
import { NumericalError } from "../util/index.ts";
import { type TrainingState, train } from "./index.ts";
import { loadOptions } from "./options.ts";
import { backends, classifier, clouds, line, recorder, unit } from "./runs.testing.ts";
import { decodeTrainingState, encodeTrainingState } from "./saving.ts";
import { TrainingSession } from "./session.ts";

/** Slope and intercept of least squares, in closed form. */
function leastSquares(data: Dataset): { readonly slope: number; readonly intercept: number } {
  const mean = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(data.inputs), mean(data.targets)];
  let [covariance, variance] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    covariance += (data.inputs[i] - x) * (data.targets[i] - y);
    variance += (data.inputs[i] - x) ** 2;
  }
  const slope = covariance / variance;
  return { slope, intercept: y - slope * x };
}

describe.each(backends.map((backend) => ({ name: backend.name, backend })))(
  "on $name",
  ({ backend }) => {
    describe("lbfgs", () => {
      test("finds the least squares of a line and says that it has converged", async () => {
        const net = unit();
        const { of, onEvent } = recorder();
        const history = await train(net, line(), {
          optimizer: variants.lbfgs({ changeTolerance: 1e-14 }),
          epochs: 100,
          backend,
          onEvent,
        });
        const { slope, intercept } = leastSquares(line());
        expect(net.weights.get("0.weight")![0]).toBeCloseTo(slope, 6);
        expect(net.weights.get("0.bias")![0]).toBeCloseTo(intercept, 6);
        expect(history.reason).toBe("converged");
        expect(history.epochs.length).toBeLessThan(20);
        expect(of("end")[0].reason).toBe("converged");
      });

      test("records the loss before each step, as evaluate gives it", async () => {
        const net = classifier(1, "float64");
        const before = await net.evaluate(clouds(), { backend });
        const options = { optimizer: variants.lbfgs(), backend };
        const { epochs } = await train(net, clouds(), { ...options, epochs: 1 });
        expect(epochs[0].train.loss).toBeCloseTo(before.loss, 12);
        expect(epochs[0].train.accuracy).toBe(before.accuracy);
        const after = await net.evaluate(clouds(), { backend });
        expect(after.loss).toBeLessThan(before.loss);
      });

      test("fits clouds in float32 with a penalty, each step better than the last", async () => {
        const net = classifier(1);
        const { epochs } = await train(net, clouds(), {
          optimizer: wrappers.l2({ strength: 1e-3 })(variants.lbfgs()),
          epochs: 30,
          validation: clouds(2),
          backend,
        });
        const losses = epochs.map(({ train: { loss } }) => loss);
        expect(losses.at(-1)!).toBeLessThan(losses[0] / 2);
        expect(epochs.at(-1)!.validation!.accuracy).toBeGreaterThan(0.6);
      });

      test("the penalty is part of what is minimized", async () => {
        const net = unit();
        await train(net, line(), {
          optimizer: wrappers.l2({ strength: 2, parameters: "weight" })(
            variants.lbfgs({ changeTolerance: 1e-14 }),
          ),
          epochs: 50,
          backend,
        });
        // d/dw of mean (wx + b − y)² + λ/2·w²: w = 2·cov / (2·var + λ).
        const { slope } = leastSquares(line());
        const inputs = Array.from(line().inputs);
        const mean = inputs.reduce((sum, x) => sum + x, 0) / inputs.length;
        const variance = inputs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / inputs.length;
        const expected = (2 * slope * variance) / (2 * variance + 2);
        expect(net.weights.get("0.weight")![0]).toBeCloseTo(expected, 6);
      });

      test("goes on from a checkpoint to the same bits", async () => {
        const optimizer = variants.lbfgs({ historySize: 3 });
        const whole = classifier(2, "float64");
        await train(whole, clouds(), { optimizer, epochs: 8, backend });
        let saved: TrainingState | undefined;
        const first = classifier(2, "float64");
        await train(first, clouds(), {
          optimizer,
          epochs: 4,
          backend,
          checkpoint: {
            save: (state) => {
              saved = decodeTrainingState(encodeTrainingState(state));
            },
          },
        });
        const second = classifier(2, "float64");
        await train(second, clouds(), { optimizer, epochs: 8, backend, resume: saved });
        expect(second.weights).toEqual(whole.weights);
      });

      test("does no step when aborted before the first evaluation", async () => {
        const net = classifier(1);
        const abort = new AbortController();
        const before = new Map(net.weights);
        const history = await train(net, clouds(), {
          optimizer: variants.lbfgs(),
          epochs: 5,
          signal: abort.signal,
          backend,
          onEvent: () => abort.abort(),
        });
        expect(history).toMatchObject({ reason: "aborted", steps: 0 });
        expect(net.weights).toEqual(before);
      });

      test("a step that is left within its line search leaves the parameters before it", async () => {
        const net = classifier(1, "float64");
        // So small a first length must be grown many times.
        const optimizer = variants.lbfgs({ learningRate: 1e-9 });
        const options = await loadOptions(net, clouds(), { optimizer, backend });
        const session = new TrainingSession(net, clouds(), options);
        const step = session.steps(1, 0, 1);
        for (let evaluation = 1; evaluation <= 4; evaluation++) {
          expect(step.next().done).toBe(false);
        }
        expect(session.weights()).not.toEqual(net.weights);
        step.return?.();
        expect(session.weights()).toEqual(net.weights);
        session.close();
      });

      test("without a line search, the weights are those after the last step", async () => {
        const net = unit();
        const [weight] = net.weights.get("0.weight")!;
        const [bias] = net.weights.get("0.bias")!;
        const data = line();
        let [slope, offset] = [0, 0];
        for (let i = 0; i < data.length; i++) {
          const error = weight * data.inputs[i] + bias - data.targets[i];
          slope += (2 * error * data.inputs[i]) / data.length;
          offset += (2 * error) / data.length;
        }
        const optimizer = variants.lbfgs({ lineSearch: "none", learningRate: 0.1 });
        await train(net, data, { optimizer, epochs: 1, backend });
        // The first direction is −g, its length η·min(1, 1/‖g‖₁).
        const length = 0.1 * Math.min(1, 1 / (Math.abs(slope) + Math.abs(offset)));
        expect(net.weights.get("0.weight")![0]).toBeCloseTo(weight - length * slope, 12);
        expect(net.weights.get("0.bias")![0]).toBeCloseTo(bias - length * offset, 12);
      });

      test("a loss that is not finite at the start of a step is explained", async () => {
        const far = new Dataset({
          name: "far",
          inputs: Float64Array.of(1, 2),
          inputShape: [1],
          targets: Float64Array.of(1e200, -1e200),
        });
        const failure = await train(unit(), far, { optimizer: variants.lbfgs(), backend }).catch(
          (error: Error) => error,
        );
        expect(failure).toBeInstanceOf(NumericalError);
        expect((failure as Error).message).toContain(
          "Training broke at step 1 (epoch 1): the loss is not finite. All layers give finite values",
        );
      });

      test("refuses batches", async () => {
        await expect(
          train(unit(), line(), { optimizer: variants.lbfgs(), batchSize: 5 }),
        ).rejects.toThrow(
          "train: optimizer lbfgs takes all 10 rows in each step, got batchSize 5; leave batchSize out, or choose another optimizer.",
        );
      });
    });

    test("averaged weights are validated, kept as the best, and left in the network", async () => {
      const sgd = optimizers.sgd({ learningRate: 0.05 });
      const options = { epochs: 4, batchSize: 10, shuffle: false, validation: line(), backend };
      const trajectory: number[] = [];
      await train(unit(), line(), {
        ...options,
        optimizer: sgd,
        onEvent: (event) => {
          if (event.type === "epoch") trajectory.push(event.weights().get("0.weight")![0]);
        },
      });
      const net = unit();
      const seen: number[] = [];
      const history = await train(net, line(), {
        ...options,
        optimizer: wrappers.swa({ start: 2 })(sgd),
        onEvent: (event) => {
          if (event.type === "epoch") seen.push(event.weights().get("0.weight")![0]);
        },
      });
      const [a, b, c, d] = trajectory;
      const expected = [a, b, (b + c) / 2, (b + c + d) / 3];
      seen.forEach((weight, i) => {
        expect(Math.abs(weight - expected[i])).toBeLessThan(1e-14);
      });
      expect(net.weights.get("0.weight")![0]).toBe(seen[3]);
      const { loss } = await net.evaluate(line(), { backend });
      expect(Math.abs(loss - history.epochs[3].validation!.loss)).toBeLessThan(1e-14);
    });

    test("reduceOnPlateau sees the measures of the epochs before", async () => {
      const schedule = schedules.reduceOnPlateau({ factor: 0.5, patience: 0, threshold: 1 });
      const { epochs } = await train(unit(), line(), {
        optimizer: optimizers.sgd({ learningRate: 0.04 }),
        learningRate: schedule,
        epochs: 5,
        backend,
      });
      // A relative threshold of 1 is never passed but by the first epoch.
      expect(epochs.map(({ learningRate }) => learningRate)).toEqual([
        0.04, 0.04, 0.02, 0.01, 0.005,
      ]);
    });

    test("a schedule goes on from a checkpoint", async () => {
      const options = {
        optimizer: optimizers.adam({ learningRate: 0.01 }) as Optimizer,
        learningRate: schedules.reduceOnPlateau({ factor: 0.5, patience: 1, threshold: 0.5 }),
        batchSize: 16,
        backend,
      };
      const whole = classifier(1);
      const { epochs } = await train(whole, clouds(), { ...options, epochs: 8 });
      let saved: TrainingState | undefined;
      const save = (state: TrainingState) => {
        saved = decodeTrainingState(encodeTrainingState(state));
      };
      await train(classifier(1), clouds(), { ...options, epochs: 5, checkpoint: { save } });
      const again = classifier(1);
      const resumed = await train(again, clouds(), { ...options, epochs: 8, resume: saved });
      expect(resumed.epochs.map(({ learningRate }) => learningRate)).toEqual(
        epochs.map(({ learningRate }) => learningRate),
      );
      expect(again.weights).toEqual(whole.weights);
    });

    test("parameter groups learn at rates of their own, in proportion to a schedule", async () => {
      const net = network({ input: [1], layers: [layers.linear(1)], dtype: "float64", seed: 3 });
      const before = net.weights.get("0.bias")!.slice();
      const weight = net.weights.get("0.weight")!.slice();
      await train(net, line(), {
        optimizer: wrappers.groups([{ parameters: "bias", options: { learningRate: 0 } }])(
          optimizers.sgd({ learningRate: 0.1 }),
        ),
        learningRate: schedules.exponential({ factor: 0.9 }),
        epochs: 2,
        backend,
      });
      expect(net.weights.get("0.bias")).toEqual(before);
      expect(net.weights.get("0.weight")).not.toEqual(weight);
    });
  },
);
