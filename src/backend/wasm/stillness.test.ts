/** What counts as no progress. */

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Stillness } from "./stillness.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const progress = { thread: 1, barriers: 5, turns: 4 };

function lookAfter(stillness: Stillness, milliseconds: number, now = progress): number {
  vi.advanceTimersByTime(milliseconds);
  return stillness.look(now);
}

test("time adds up while looks show the same", () => {
  const stillness = new Stillness();
  expect([1, 10, 20].map((time) => lookAfter(stillness, time))).toEqual([0, 10, 30]);
});

test.each([
  { ...progress, thread: 2 },
  { ...progress, barriers: 6 },
  { ...progress, turns: 5 },
])("begins anew at %j", (now) => {
  const stillness = new Stillness();
  stillness.look(progress);
  expect([10, 10].map((time) => lookAfter(stillness, time))).toEqual([10, 20]);
  expect([10, 10].map((time) => lookAfter(stillness, time, now))).toEqual([0, 10]);
});

test("an hour in which the whole process was stopped counts little", () => {
  const stillness = new Stillness();
  stillness.look(progress);
  expect(lookAfter(stillness, 3_600_000)).toBe(50);
});
