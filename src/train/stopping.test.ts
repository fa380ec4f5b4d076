/** How runs end before their last epoch, and that they leave time for others. */

import { describe, expect, test } from "vitest";
import { Dataset } from "../data/index.ts";
import { layers, network } from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import { NumericalError } from "../util/index.ts";
import { train } from "./index.ts";
import { backends, classifier, clouds, line, recorder, unit } from "./runs.testing.ts";

describe.each(backends.map((backend) => ({ name: backend.name, backend })))(
  "on $name",
  ({ backend }) => {
    describe("early stopping", () => {
      /** Losses fall while the learning rate is above 0 and rise (ascent) from epoch 4 on. */
      const options = {
        optimizer: optimizers.sgd({ learningRate: 0.02 }),
        epochs: 20,
        batchSize: 10,
        validation: line(),
        learningRate: ({ epoch }: { epoch: number }) => (epoch < 4 ? 0.02 : -0.02),
        backend,
      };

      test("stops after `patience` epochs without a better loss and restores the best weights", async () => {
        const net = unit();
        const { of, onEvent } = recorder();
        const best: unknown[] = [];
        const history = await train(net, line(), {
          ...options,
          earlyStopping: { patience: 2 },
          onEvent: (event) => {
            if (event.type === "epoch" && event.isBest) best.push(event.weights());
            onEvent(event);
          },
        });
        expect(history).toMatchObject({ reason: "stopped early", bestEpoch: 3 });
        expect(of("epoch").map(({ isBest }) => isBest)).toEqual([true, true, true, false, false]);
        expect(of("end")[0]).toMatchObject({ reason: "stopped early", epochs: 5, bestEpoch: 3 });
        expect(new Map(net.weights)).toEqual(best.at(-1));
        const { loss } = await net.evaluate(line(), { backend });
        expect(Math.abs(loss - history.epochs[2].validation!.loss)).toBeLessThan(1e-12);
      });

      test("keeps the last weights when told so", async () => {
        const net = unit();
        const history = await train(net, line(), {
          ...options,
          earlyStopping: { patience: 2, restoreBest: false },
        });
        const { loss } = await net.evaluate(line(), { backend });
        expect(Math.abs(loss - history.epochs[4].validation!.loss)).toBeLessThan(1e-12);
        expect(loss).toBeGreaterThan(history.epochs[2].validation!.loss);
      });

      test("counts smaller gains than `minDelta` as none", async () => {
        const history = await train(unit(), line(), {
          ...options,
          earlyStopping: { patience: 2, minDelta: 100 },
        });
        expect(history).toMatchObject({ reason: "stopped early", bestEpoch: 1 });
        expect(history.epochs).toHaveLength(3);
      });

      test("watches the training set without a validation set, and accuracy on request", async () => {
        const history = await train(classifier(), clouds(), {
          epochs: 30,
          learningRate: () => 0,
          earlyStopping: { monitor: "accuracy", patience: 3 },
          backend,
        });
        expect(history).toMatchObject({ reason: "stopped early", bestEpoch: 1 });
        expect(history.epochs).toHaveLength(4);
      });
    });

    test("an abort ends the run within 100 ms with the parameters reached", async () => {
      const net = classifier();
      const before = net.weights.get("0.weight")!.slice();
      const abort = new AbortController();
      let aborted = 0;
      setTimeout(() => {
        aborted = performance.now();
        abort.abort();
      }, 60);
      const { of, onEvent } = recorder();
      const history = await train(net, clouds(0, 3000), {
        epochs: 1_000_000,
        batchSize: 10,
        signal: abort.signal,
        backend,
        onEvent,
      });
      const waited = performance.now() - aborted;
      expect(aborted).toBeGreaterThan(0);
      expect(waited).toBeLessThan(100);
      expect(history.reason).toBe("aborted");
      expect(of("end")[0].reason).toBe("aborted");
      expect(history.steps).toBeGreaterThan(0);
      expect(net.weights.get("0.weight")).not.toEqual(before);
    });

    test("a signal that is aborted already does no step", async () => {
      const net = classifier();
      const before = net.weights.get("0.weight")!.slice();
      const history = await train(net, clouds(), { signal: AbortSignal.abort(), backend });
      expect(history).toMatchObject({ reason: "aborted", steps: 0 });
      expect(net.weights.get("0.weight")).toEqual(before);
    });

    test("timers run while it trains", async () => {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 1000);
      await train(classifier(), clouds(), { epochs: 1_000_000, signal: abort.signal, backend });
      clearInterval(timer);
      // A pause every 50 ms of work or so: 20 in a second, half of that on a busy machine.
      expect(ticks).toBeGreaterThanOrEqual(8);
    });

    describe("a loss that is not finite", () => {
      const diverging = {
        optimizer: optimizers.sgd({ learningRate: 1e200 }),
        epochs: 5,
        batchSize: 5,
        backend,
      };

      test("stops with the step, the layer and what to try; the network keeps its parameters", async () => {
        const net = network({
          input: [1],
          layers: [layers.linear(4), layers.relu(), layers.linear(1)],
          dtype: "float64",
          seed: 1,
        });
        const before = new Map([...net.weights].map(([path, values]) => [path, values.slice()]));
        const failure = await train(net, line(), diverging).catch((error: Error) => error);
        expect(failure).toBeInstanceOf(NumericalError);
        expect((failure as Error).message).toMatch(
          /^Training broke at step 2 \(epoch 1\): the loss is not finite\. The first values to break are the outputs of layer \d \((linear|relu)\)\. Try a smaller learning rate \(it was 1e\+200\), standardized inputs \(the largest of this step is 2\.\d+\), or another initializer\.$/,
        );
        expect(new Map(net.weights)).toEqual(before);
      });

      test("names a parameter that broke before", async () => {
        const net = unit();
        net.setWeights(
          new Map([
            ["0.weight", Float64Array.of(Number.NaN)],
            ["0.bias", Float64Array.of(0)],
          ]),
        );
        await expect(train(net, line(), diverging)).rejects.toThrow(
          'Training broke at step 1 (epoch 1): the loss is not finite. The first values to break are the parameter "weight" of layer 0 (linear).',
        );
      });

      test("says when only the loss breaks", async () => {
        const data = new Dataset({
          name: "far",
          inputs: Float64Array.of(1, 2),
          inputShape: [1],
          targets: Float64Array.of(1e200, -1e200),
        });
        await expect(train(unit(), data, diverging)).rejects.toThrow(
          "All layers give finite values: the loss itself breaks.",
        );
      });

      test("is found in the epoch where it comes about", async () => {
        const net = unit();
        const failure = train(net, line(), {
          ...diverging,
          learningRate: ({ step }) => (step < 7 ? 0.01 : 1e200),
        });
        await expect(failure).rejects.toThrow("Training broke at step 8 (epoch 4)");
      });
    });
  },
);
