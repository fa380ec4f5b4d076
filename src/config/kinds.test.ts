/** Configurations name every built-in kind, and say what is wrong with one. */

import { describe, expect, test } from "vitest";
import { losses } from "../nn/losses/index.ts";
import { builtInLayers } from "../nn/saving.ts";
import { schedules } from "../optim/schedules/index.ts";
import { allOptimizers } from "../optim/variantCatalogue.ts";
import { wrappers } from "../optim/wrappers.ts";
import { completeLayers, joinTable, layerOf, layerTable } from "./layers.ts";
import { lossOfConfig, lossTable } from "./losses.ts";
import { optimizerOfConfig, optimizerTable, wrapperTable } from "./optimizers.ts";
import { resolveConfig } from "./resolve.ts";
import { scheduleOfConfig, scheduleTable } from "./schedules.ts";
import type { ExperimentConfig } from "./schema.ts";

const sorted = (kinds: Iterable<string>) => [...kinds].sort();

function resolved(changes: Partial<ExperimentConfig>) {
  const config: ExperimentConfig = { data: { dataset: "iris" }, network: ["linear"], ...changes };
  return resolveConfig(JSON.parse(JSON.stringify(config)));
}

function refusal(changes: Record<string, unknown>): string {
  try {
    resolveConfig({ data: { dataset: "iris" }, network: ["linear"], ...changes });
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
}

describe("every built-in kind has a row", () => {
  const rows = (...tables: readonly object[]) =>
    sorted(tables.flatMap((each) => Object.keys(each)));

  test("layers, activations and joins", () => {
    expect(rows(layerTable, joinTable)).toEqual(sorted(builtInLayers.map(({ kind }) => kind)));
  });

  test("losses", () => {
    expect(rows(lossTable)).toEqual(sorted(Object.keys(losses)));
  });

  test("optimizers and wrappers", () => {
    expect(rows(optimizerTable)).toEqual(sorted(Object.keys(allOptimizers)));
    expect(rows(wrapperTable)).toEqual(sorted(Object.keys(wrappers)));
  });

  test("schedules", () => {
    expect(rows(scheduleTable)).toEqual(sorted(Object.keys(schedules)));
  });
});

/** What a kind needs beside its name. */
const needs: Readonly<Record<string, object>> = {
  quadratic: { units: 3 },
  embedding: { count: 5, units: 3 },
  rnn: { units: 3 },
  gru: { units: 3 },
  lstm: { units: 3 },
  selfAttention: { heads: 2 },
  linear: { units: 3 },
  conv1d: { channels: 2, kernel: 3 },
  conv2d: { channels: 2, kernel: 3 },
  convTranspose1d: { channels: 2, kernel: 3 },
  convTranspose2d: { channels: 2, kernel: 3 },
  maxPool1d: { kernel: 2 },
  maxPool2d: { kernel: 2 },
  averagePool1d: { kernel: 2 },
  averagePool2d: { kernel: 2 },
  adaptiveAveragePool1d: { size: 1 },
  adaptiveAveragePool2d: { size: 1 },
  upsample: { factor: 2 },
  groupNorm: { groups: 2 },
  reshape: { shape: [4, 1] },
  sequential: { layers: ["relu"] },
  residual: { layers: [{ kind: "linear", units: 4 }, "tanh"] },
  parallel: { branches: ["relu", "tanh"], join: "add" },
  graph: {
    inputs: { x: [4] },
    parts: ["relu", "add"],
    calls: [
      { name: "relu", part: 0, from: ["x"] },
      { name: "add", part: 1, from: ["x", "relu"] },
    ],
    outputs: { y: "add" },
  },
  combined: { parts: [{ loss: "crossEntropy", output: [3] }] },
  accumulate: { steps: 2 },
  clipByGlobalNorm: { limit: 1 },
  clipByNorm: { limit: 1 },
  clipByValue: { limit: 1 },
  l1: { strength: 0.1 },
  l2: { strength: 0.1 },
  elastic: { strength: 0.1 },
  frobenius: { strength: 0.1 },
  maxNorm: { limit: 1 },
  groups: { groups: [{ parameters: "bias", options: { weightDecay: 0 } }] },
  cosineWarmRestarts: { length: 2 },
  step: { length: 2 },
  multiStep: { milestones: [2] },
  exponential: { factor: 0.9 },
  chained: { schedules: ["cosine", "linearWarmUp"] },
};

const sequentialSchedule = { schedules: ["constant", "cosine"], milestones: [3] };

describe("every kind is made from its configuration", () => {
  test.each(Object.keys(layerTable))("layer %s", (kind) => {
    const own = kind === "step" ? {} : needs[kind];
    const { network } = resolved({ network: [{ kind, ...own }] as never });
    expect(layerOf(completeLayers(network, 3)[0]).kind).toBe(kind);
  });

  test.each(Object.keys(joinTable))("join %s", (kind) => {
    const own = { bilinear: { units: 2 }, multiHeadAttention: { heads: 2 } }[kind];
    const parallel = { kind: "parallel", branches: ["relu"], join: { kind, ...own } };
    const { network } = resolved({ network: [parallel] as never });
    expect(layerOf(completeLayers(network, 3)[0]).children.at(-1)!.kind).toBe(kind);
  });

  test.each(Object.keys(lossTable))("loss %s", (kind) => {
    const { loss } = resolved({ loss: { kind, ...needs[kind] } as never });
    expect(lossOfConfig(loss!).kind).toBe(kind);
  });

  test.each(Object.keys(optimizerTable))("optimizer %s", (kind) => {
    expect(optimizerOfConfig(resolved({ optimizer: kind as never }).optimizer).kind).toBe(kind);
  });

  test.each(Object.keys(wrapperTable))("wrapper %s", (kind) => {
    const wrapped = { kind, ...needs[kind], optimizer: "adamW" };
    const { options, ...made } = optimizerOfConfig(
      resolved({ optimizer: wrapped as never }).optimizer,
    );
    expect(made.kind).toBe(kind);
    expect(options.optimizer).toMatchObject({ kind: "adamW" });
  });

  test.each(Object.keys(scheduleTable))("schedule %s", (kind) => {
    const own = kind === "sequential" ? sequentialSchedule : needs[kind];
    const { schedule } = resolved({ schedule: { kind, ...own } as never });
    const rate = scheduleOfConfig(schedule!);
    expect(rate).toBeTypeOf("function");
  });
});

describe("what is misspelled", () => {
  test.each([
    [{ network: [{ kind: "prelu", sloppe: 1 }] }, 'network.0 has no key "sloppe"', "slope"],
    [{ network: ["geluu"] }, 'got "geluu"', "gelu"],
    [
      { network: [{ kind: "residual", layers: ["relu", { kind: "dropout", rat: 0.5 }] }] },
      'network.0.layers.1 has no key "rat"',
      "rate",
    ],
    [
      { loss: { kind: "binaryCrossEntropy", posWeigth: 2 } },
      'loss has no key "posWeigth"',
      "posWeight",
    ],
    [{ loss: "hubre" }, "loss", "huber"],
    [{ optimizer: { kind: "rmsprop", centred: true } }, 'has no key "centred"', "centered"],
    [
      { optimizer: { kind: "l2", strength: 0.1, optimizer: { kind: "sgd", momentun: 0.9 } } },
      'optimizer.optimizer has no key "momentun"',
      "momentum",
    ],
    [
      {
        optimizer: {
          kind: "groups",
          groups: [{ parameters: "bias", options: { weigthDecay: 0 } }],
          optimizer: { kind: "ema", optimizer: "adamW" },
        },
      },
      "optimizer.groups.0.options: there is no key",
      "weightDecay",
    ],
    [
      { schedule: { kind: "chained", schedules: ["cosine", { kind: "step", lenght: 3 }] } },
      'schedule.schedules.1 has no key "lenght"',
      "length",
    ],
  ])("%j", (changes, where, suggestion) => {
    const message = refusal(changes);
    expect(message).toContain(where);
    expect(message).toContain(`did you mean "${suggestion}"?`);
  });

  test("bounds are checked inside of wrappers", () => {
    const optimizer = { kind: "clipByNorm", limit: 0, optimizer: "adam" };
    expect(refusal({ optimizer })).toBe(
      "Config: optimizer.limit: expected a number more than 0, got 0.",
    );
  });
});

test("units missing inside of a layer that holds others are named by their path", () => {
  const { network } = resolved({ network: [{ kind: "residual", layers: ["linear"] }, "linear"] });
  expect(() => completeLayers(network, 3)).toThrow("network.0.layers.0: a linear layer needs");
});
