/** Rows of a large table that the next run gathers: known ahead, asked for, and without any influence. */

import { describe, expect, test } from "vitest";
import { compilePrograms } from "../../compile/index.ts";
import { referenceBackend } from "../reference/index.ts";
import { emitModules } from "./emitModule.ts";
import { wasmBackend } from "./index.ts";
import { batchSize, length, minibatches, weightsAfterLast } from "./minibatches.testing.ts";
import { canTouchAhead } from "./touchAhead.ts";

describe("the plan of a step over minibatches", () => {
  test("has the rows of the next one, for which a product asks", () => {
    const plan = compilePrograms([minibatches().program]);
    const [{ name, kernels, ahead = [] }] = plan.programs;
    expect(ahead).toMatchObject([{ rowBytes: 4 * length, count: batchSize }]);
    expect(plan.outputs).toEqual([[]]);
    // Otherwise the copy itself does, of all rows at once.
    const [early, atOnce] = [plan, { ...plan, programs: [{ name, kernels }] }].map(
      (plan) => emitModules(plan, { madd: false }).modules[0].length,
    );
    expect(early).not.toBe(atOnce);
  });

  test("has none where nothing counts the batches", () => {
    const { program } = minibatches();
    const [weights] = program.updates!;
    const plan = compilePrograms([{ ...program, updates: [weights] }]);
    expect(plan.programs[0].ahead).toEqual([]);
  });
});

test.each(["strict", "fast"] as const)("%s: agrees with the definition to the end", (mode) => {
  const [expected, actual] = [referenceBackend(), wasmBackend({ mode })].map(weightsAfterLast);
  for (const [i, value] of actual.entries()) {
    // Four updates by 10⁻⁶ of sums of sums of 800 products of numbers near 1.
    expect(Math.abs(value - expected[i])).toBeLessThan(1e-6);
  }
});

test("needs a tile for each line of some rows", () => {
  const ahead = { table: 0, rowBytes: 3136, indices: 1, count: 10 };
  expect(canTouchAhead(ahead, 49)).toBe(true);
  expect(canTouchAhead(ahead, 48)).toBe(false);
  // No divisor but itself and 1.
  expect(canTouchAhead({ ...ahead, count: 97 }, 97 * 49 - 1)).toBe(false);
});
