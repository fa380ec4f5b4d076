/** Every schedule against PyTorch, from `scripts/golden/optim.py`, and by hand where PyTorch has none. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Description } from "../optimizer.ts";
import { scheduleFrom } from "./description.ts";
import { defineSchedule, type Schedule, type StepPosition, schedules } from "./index.ts";

interface Golden {
  readonly base: number;
  readonly cases: readonly (Description & {
    readonly rates: readonly number[];
    /** Monitored after each epoch. */
    readonly measures?: readonly number[];
  })[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("../golden/schedules.json", import.meta.url), "utf8"),
);

/** The position of a step from 0. */
function at(index: number, details: Partial<StepPosition> = {}): StepPosition {
  const { stepsPerEpoch = 1 } = details;
  return {
    epoch: Math.floor(index / stepsPerEpoch) + 1,
    step: index + 1,
    stepsPerEpoch,
    totalSteps: 40,
    base: 0.1,
    history: [],
    ...details,
  };
}

const ratesOf = (schedule: Schedule, count: number, details: Partial<StepPosition> = {}) =>
  Array.from({ length: count }, (_, i) => schedule(at(i, details)));

function expectClose(got: readonly number[], expected: readonly number[]) {
  expect(got).toHaveLength(expected.length);
  got.forEach((rate, i) => {
    expect(Math.abs(rate - expected[i]), `step ${i + 1}`).toBeLessThan(1e-12);
  });
}

test.each(golden.cases.map((each) => ({ ...each, title: JSON.stringify(each.options) })))(
  "$kind $title",
  ({ kind, options, rates, measures = [] }) => {
    const schedule = scheduleFrom({ kind, options });
    const epochs = measures.map((loss) => ({ train: { loss } }));
    const got = rates.map((_, i) => schedule(at(i, { history: epochs.slice(0, i) })));
    expectClose(got, rates);
  },
);

describe("what PyTorch lacks, by hand", () => {
  test("inverse scaling", () => {
    expectClose(ratesOf(schedules.inverseScaling(), 4), [
      0.1,
      0.1 / Math.SQRT2,
      0.1 / Math.sqrt(3),
      0.05,
    ]);
    expectClose(ratesOf(schedules.inverseScaling({ power: 1 }), 3), [0.1, 0.05, 0.1 / 3]);
  });

  test("a polynomial with a floor", () => {
    const schedule = schedules.polynomial({ length: 4, power: 2, least: 0.02 });
    expectClose(ratesOf(schedule, 6), [0.1, 0.065, 0.04, 0.025, 0.02, 0.02]);
  });

  test("accuracy is to grow", () => {
    const schedule = schedules.reduceOnPlateau({ monitor: "accuracy", patience: 0, factor: 0.5 });
    const history = [0.5, 0.6, 0.6, 0.7].map((accuracy) => ({
      train: { loss: 1, accuracy: 0 },
      validation: { loss: 1, accuracy },
    }));
    expectClose(
      [0, 1, 2, 3, 4].map((i) => schedule(at(i, { history: history.slice(0, i) }))),
      [0.1, 0.1, 0.1, 0.05, 0.05],
    );
    expect(() => schedule(at(1, { history: [{ train: { loss: 1 } }] }))).toThrow(
      "expected epochs with an accuracy to monitor",
    );
  });
});

describe("units", () => {
  const details = { stepsPerEpoch: 4, totalSteps: 12 };

  test("epochs stay the same within an epoch", () => {
    const schedule = schedules.step({ length: 1, factor: 0.5 });
    expectClose(ratesOf(schedule, 12, details), [
      ...[0.1, 0.1, 0.1, 0.1],
      ...[0.05, 0.05, 0.05, 0.05],
      ...[0.025, 0.025, 0.025, 0.025],
    ]);
    expect(schedules.step({ length: 1, factor: 0.5, unit: "step" })(at(1, details))).toBe(0.05);
  });

  test("the whole run is the length unless told", () => {
    expectClose(ratesOf(schedules.polynomial(), 3, details), [0.1, (0.1 * 11) / 12, 0.1 / 1.2]);
    const byEpoch = schedules.cosine({ unit: "epoch" });
    expect(byEpoch(at(4, details))).toBeCloseTo(0.05 * (1 + Math.cos(Math.PI / 3)), 15);
  });

  test("the last of a sequence takes the rest of the run", () => {
    const schedule = schedules.sequential(
      [schedules.linearWarmUp({ startFactor: 0.5, length: 4 }), schedules.polynomial()],
      { milestones: [1] },
    );
    const falling = Array.from({ length: 8 }, (_, i) => 0.1 * (1 - i / 8));
    expectClose(ratesOf(schedule, 12, details), [0.05, 0.0625, 0.075, 0.0875, ...falling]);
  });

  test("a sequence with milestones within an epoch counts its own epochs", () => {
    const schedule = schedules.sequential(
      [schedules.constant({ factor: 2 }), schedules.exponential({ factor: 0.5 })],
      { milestones: [2], unit: "step" },
    );
    expectClose(ratesOf(schedule, 8, details), [0.2, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05]);
  });
});

test("schedules are plain data and a function", () => {
  for (const { kind, options } of golden.cases) {
    const schedule = scheduleFrom({ kind, options });
    const text = JSON.stringify({ kind: schedule.kind, options: schedule.options });
    const again = scheduleFrom(JSON.parse(text));
    expect(again.options).toEqual(schedule.options);
    expect(ratesOf(again, 10)).toEqual(ratesOf(schedule, 10));
  }
});

test("one's own schedule", () => {
  const halving = defineSchedule({
    name: "halving",
    options: { epochs: 2 },
    rate: ({ base, epoch }) => base / 2 ** Math.floor((epoch - 1) / 2),
  });
  expect(halving.kind).toBe("halving");
  expectClose(ratesOf(halving, 5), [0.1, 0.1, 0.05, 0.05, 0.025]);
});

test.each<[() => Schedule, string]>([
  [
    () => schedules.step({ length: 0 }),
    "Schedule step: expected length to be an integer from 1, got 0.",
  ],
  [
    () => schedules.multiStep({ milestones: [5, 5] }),
    "Schedule multiStep: expected rising integers from 0 as milestones, got [5, 5].",
  ],
  [
    () => schedules.exponential({ factor: 0 }),
    "Schedule exponential: expected factor above 0, got 0.",
  ],
  [() => schedules.oneCycle({ warmUp: 2 }), "Schedule oneCycle: expected warmUp in [0, 1], got 2."],
  [
    () => schedules.reduceOnPlateau({ factor: 1 }),
    "Schedule reduceOnPlateau: expected a factor below 1, got 1.",
  ],
  [
    () => schedules.sequential([schedules.cosine()], { milestones: [1] }),
    "Schedule sequential: expected one milestone less than schedules, got 1 for 1.",
  ],
  [() => schedules.chained([]), "Schedule chained: expected at least one schedule, got none."],
  [
    () => scheduleFrom({ kind: "steps" }),
    'Schedule: expected one of constant, step, multiStep, exponential, polynomial, inverseScaling, cosine, cosineWarmRestarts, oneCycle, linearWarmUp, reduceOnPlateau, chained, sequential, got "steps".',
  ],
])("refuses %s", (make, message) => {
  expect(make).toThrow(message);
});
