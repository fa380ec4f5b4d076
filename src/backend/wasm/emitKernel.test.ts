/** Emitted kernels against their definition, over seeded random kernels of each kind. */

import { describe, expect, test } from "vitest";
import { Generator } from "../../util/index.ts";
import { interpretPlan } from "./interpretPlan.testing.ts";
import { randomPlan } from "./randomKernel.testing.ts";
import { runPlan } from "./runPlan.testing.ts";

const cases = { map: 600, reduce: 600, contract: 500, patch: 200, scatterAdd: 60 } as const;

describe.each([{ madd: false }, { madd: true }])("with madd $madd", (options) => {
  test.each(Object.entries(cases))("%s kernels compute their definition", (kind, count) => {
    const family = new Generator(1).fork(kind);
    for (let i = 0; i < count; i++) {
      const { plan, initial } = randomPlan(kind as keyof typeof cases, family.fork(i));
      const expected = initial.map((data) => data.slice());
      interpretPlan(plan, "test", expected);
      const actual = runPlan(plan, "test", initial, options);
      for (const [buffer, data] of actual.entries()) {
        expect(data.map(plainZero), `case ${i}, buffer ${buffer}`).toEqual(
          expected[buffer].map(plainZero),
        );
      }
    }
  });
});

/** Zeros without a sign: which zero a maximum of both returns is not defined. */
function plainZero(x: number): number {
  return x === 0 ? 0 : x;
}
