/** Tests of saving a run's state and going on from it: the same bits as without interruption. */

import { readdirSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { layers, type Network, network } from "../nn/index.ts";
import { losses } from "../nn/losses/index.ts";
import { optimizers } from "../optim/index.ts";
import { schedules } from "../optim/schedules/index.ts";
import { loadCheckpoint, saveCheckpoint } from "./files.node.ts";
import { type TrainOptions, train } from "./index.ts";
import { backends, classifier, clouds, line, recorder, unit } from "./runs.testing.ts";
import { decodeTrainingState, encodeTrainingState } from "./saving.ts";
import type { TrainingState } from "./state.ts";

const [, wasm] = backends;
const data = clouds();
const { train: fit, test: held } = clouds(1, 90).split({ test: 30, seed: 2 });

/** Keeps every saved state, through its bytes. */
function keeper(every?: { epochs?: number; minutes?: number }) {
  const states: TrainingState[] = [];
  const save = (state: TrainingState) => {
    states.push(decodeTrainingState(encodeTrainingState(state)));
  };
  return { states, checkpoint: { save, ...(every && { every }) } };
}

const weightsOf = (net: Network) =>
  [...net.weights].map(([path, values]) => [path, Array.from(values)]);

/** A network with dropout and running statistics. */
const deep = () =>
  network({
    input: [2],
    layers: [
      layers.linear(8),
      layers.batchNorm(),
      layers.tanh(),
      layers.dropout(0.3),
      layers.linear(3),
    ],
    seed: 4,
  });

describe.each(backends)("on $name", (backend) => {
  test.each([
    ["sgd with momentum", () => optimizers.sgd({ learningRate: 0.1, momentum: 0.9 })],
    ["adam", () => optimizers.adam({ learningRate: 0.02 })],
  ] as const)(
    "%s, dropout, running statistics: every state leads to the same bits",
    async (_, optimizer) => {
      const options: TrainOptions = {
        optimizer: optimizer(),
        epochs: 4,
        batchSize: 7,
        validation: held,
        learningRate: ({ step, totalSteps, base }) => base * (1 - step / (2 * totalSteps)),
        seed: 9,
        backend,
      };
      const { states, checkpoint } = keeper({ minutes: 0 });
      const whole = deep();
      const history = await train(whole, fit, { ...options, checkpoint });
      expect(states.some(({ stepInEpoch }) => stepInEpoch > 0)).toBe(true);
      expect(states.at(-1)!.epoch).toBe(4);
      for (const resume of states) {
        const net = deep();
        const again = await train(net, fit, { ...options, resume });
        expect(weightsOf(net)).toEqual(weightsOf(whole));
        const timeless = (records: typeof history.epochs) =>
          records.map(({ seconds: _, ...record }) => record);
        expect(timeless(again.epochs)).toEqual(timeless(history.epochs));
        expect(again.steps).toBe(history.steps);
      }
    },
  );
});

test("saves come every so many epochs, and at the end", async () => {
  const { states, checkpoint } = keeper({ epochs: 2 });
  await train(classifier(), data, { epochs: 5, checkpoint, backend: wasm });
  expect(states.map(({ epoch }) => epoch)).toEqual([2, 4, 5]);
});

test("without an interval every epoch is saved", async () => {
  const { states, checkpoint } = keeper();
  await train(classifier(), data, { epochs: 2, checkpoint, backend: wasm });
  expect(states.map(({ epoch }) => epoch)).toEqual([1, 2]);
});

test("an aborted run saves where it stands, within an epoch too", async () => {
  const controller = new AbortController();
  const { states, checkpoint } = keeper({ epochs: 100 });
  const options: TrainOptions = { epochs: 3, batchSize: 2, eventSteps: 4, backend: wasm };
  const history = await train(classifier(), data, {
    ...options,
    checkpoint,
    signal: controller.signal,
    onEvent: ({ type, ...event }) => {
      if (type === "step" && "step" in event && event.step === 42) controller.abort();
    },
  });
  expect(history.reason).toBe("aborted");
  expect(states).toHaveLength(1);
  expect(states[0]).toMatchObject({ epoch: 1, stepInEpoch: 12, steps: 42 });
  const [whole, resumed] = [classifier(), classifier()];
  const [first, second] = [recorder(), recorder()];
  await train(whole, data, { ...options, onEvent: first.onEvent });
  await train(resumed, data, { ...options, resume: states[0], onEvent: second.onEvent });
  expect(weightsOf(resumed)).toEqual(weightsOf(whole));
  expect(second.of("step")).toEqual(first.of("step").slice(10));
});

test("early stopping remembers its best epoch and weights", async () => {
  const options: TrainOptions = {
    optimizer: optimizers.adam({ learningRate: 0.3 }),
    epochs: 60,
    validation: held,
    earlyStopping: { patience: 5 },
    backend: wasm,
  };
  const { states, checkpoint } = keeper();
  const whole = classifier();
  const history = await train(whole, fit, { ...options, checkpoint });
  expect(history.reason).toBe("stopped early");
  for (const resume of states.slice(-7)) {
    const net = classifier();
    const again = await train(net, fit, { ...options, resume });
    expect(again).toMatchObject({ reason: "stopped early", bestEpoch: history.bestEpoch });
    expect(weightsOf(net)).toEqual(weightsOf(whole));
  }
});

test("a finished run goes on when there are more epochs", async () => {
  const { states, checkpoint } = keeper();
  await train(unit(), line(), { epochs: 3, checkpoint, backend: wasm });
  const [more, whole] = [unit(), unit()];
  const history = await train(more, line(), { epochs: 5, resume: states.at(-1), backend: wasm });
  await train(whole, line(), { epochs: 5, backend: wasm });
  expect(history.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
  expect(weightsOf(more)).toEqual(weightsOf(whole));
});

test("a run that breaks after a resume is repeated from the resumed state", async () => {
  const { states, checkpoint } = keeper();
  const breaking: TrainOptions = {
    optimizer: optimizers.sgd({ learningRate: 0.1 }),
    learningRate: ({ epoch, base }) => (epoch > 2 ? 1e200 : base),
    loss: losses.mse(),
    epochs: 2,
    backend: wasm,
  };
  await train(unit(), line(), { ...breaking, checkpoint });
  const going = train(unit(), line(), { ...breaking, epochs: 9, resume: states[1], checkpoint });
  await expect(going).rejects.toThrow(/^Training broke at step [4-9] \(epoch [4-9]\)/);
  // The state after the breakdown is of no use.
  expect(states.at(-1)!.epoch).toBeLessThan(9);
});

describe("errors", () => {
  const stateOf = async () => {
    const { states, checkpoint } = keeper();
    await train(classifier(), data, { epochs: 1, batchSize: 10, checkpoint, backend: wasm });
    return states[0];
  };
  const resume = async (options: TrainOptions, net = classifier(), rows = data) =>
    train(net, rows, { batchSize: 10, backend: wasm, ...options, resume: await stateOf() });

  test("what differs from the saved run is named", async () => {
    await expect(resume({ batchSize: 20 })).rejects.toThrow(
      "train: resume expected batchSize 10, as when the state was saved, got 20; resume with the same batchSize, or start a new run.",
    );
    await expect(resume({ seed: 3 })).rejects.toThrow(/expected seed 0, .* got 3/);
    await expect(resume({ optimizer: optimizers.sgd() })).rejects.toThrow(
      /expected optimizer \{"kind":"adam"/,
    );
    await expect(resume({ validation: held })).rejects.toThrow(
      /expected validation not set, .* got "[0-9a-f]{8}"; resume with the very rows/,
    );
    await expect(resume({}, classifier(), clouds(5))).rejects.toThrow(
      /expected data "[0-9a-f]{8}", .*; resume with the very rows of the run/,
    );
  });

  test("a run without a schedule has the schedule constant", async () => {
    const { states, checkpoint } = keeper();
    const options: TrainOptions = { epochs: 1, backend: wasm };
    await train(classifier(), data, { ...options, checkpoint });
    const learningRate = schedules.constant();
    const { epochs } = await train(classifier(), data, {
      ...{ ...options, learningRate },
      resume: states[0],
    });
    expect(epochs).toHaveLength(1);
  });

  test("another schedule is named, a function among them", async () => {
    const { states, checkpoint } = keeper();
    const options: TrainOptions = { epochs: 1, backend: wasm };
    const learningRate = schedules.sequential(
      [schedules.linearWarmUp({ length: 5 }), schedules.cosine()],
      { milestones: [5], unit: "step" },
    );
    await train(classifier(), data, { ...options, learningRate, checkpoint });
    const resume = (learningRate?: TrainOptions["learningRate"]) =>
      train(classifier(), data, {
        ...options,
        ...(learningRate && { learningRate }),
        resume: states[0],
      });
    expect((await resume(learningRate)).epochs).toHaveLength(1);
    const saved =
      /resume expected learningRate \{"kind":"sequential",.*"length":5.*"kind":"cosine"/;
    await expect(resume()).rejects.toThrow(saved);
    await expect(resume()).rejects.toThrow(/ got \{"kind":"constant"/);
    await expect(resume(({ base }) => base)).rejects.toThrow(/ got \{"kind":"function"\};/);
    const longer = schedules.sequential(
      [schedules.linearWarmUp({ length: 6 }), schedules.cosine()],
      { milestones: [5], unit: "step" },
    );
    await expect(resume(longer)).rejects.toThrow(saved);
  });

  test("a state of another network is refused", async () => {
    const other = network({
      input: [2],
      layers: [layers.linear(9), layers.tanh(), layers.linear(3)],
    });
    await expect(resume({}, other)).rejects.toThrow(
      'train: resume expected the state of this network, with "0.weight" of shape [9, 2], got [8, 2]; build the network as it was when the state was saved.',
    );
  });

  test("intervals must be positive", async () => {
    const save = () => {};
    const running = (every: { epochs?: number; minutes?: number }) =>
      train(classifier(), data, { checkpoint: { every, save }, backend: wasm });
    await expect(running({ epochs: 0 })).rejects.toThrow(
      "expected checkpoint.every.epochs to be an integer from 1, got 0",
    );
    await expect(running({ minutes: -1 })).rejects.toThrow(
      "expected checkpoint.every.minutes to be a number from 0, got -1",
    );
  });

  test("files that are no checkpoint are refused by name", async () => {
    const folder = await mkdtemp(join(tmpdir(), "chainrule-checkpoint-"));
    try {
      const path = join(folder, "deep", "run.safetensors");
      const state = await stateOf();
      await saveCheckpoint(path, state);
      expect(await loadCheckpoint(path)).toEqual(state);
      expect(readdirSync(join(folder, "deep"))).toEqual(["run.safetensors"]);
      await expect(loadCheckpoint(join(folder, "none"))).rejects.toThrow(
        /Cannot read the checkpoint .*none: /,
      );
      await writeFile(path, encodeTrainingState(state).subarray(0, 1000));
      await expect(loadCheckpoint(path)).rejects.toThrow(
        /run\.safetensors: not a valid safetensors file/,
      );
      await expect(saveCheckpoint(join(path, "below"), state)).rejects.toThrow(
        /^Cannot save the checkpoint .*below: .*; is the disk full, or the folder read-only\?$/,
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

test("numbers that JSON has no words for survive", () => {
  const state: TrainingState = {
    facts: {},
    epoch: 0,
    stepInEpoch: 0,
    steps: 0,
    seconds: 0,
    records: [
      {
        epoch: 1,
        step: 1,
        train: { loss: 1 },
        validation: { loss: Number.NaN },
        learningRate: 1,
        seconds: 0,
      },
    ],
    best: { epoch: 0, value: Number.POSITIVE_INFINITY },
    reported: { weight: 0, loss: 0 },
    tensors: new Map(),
  };
  expect(decodeTrainingState(encodeTrainingState(state))).toEqual(state);
});
