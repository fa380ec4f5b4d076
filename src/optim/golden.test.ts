/** Ten steps of every optimizer and wrapper against PyTorch's in float64, from `scripts/golden/optim.py`. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Description, Optimizer } from "./index.ts";
import { optimizerFrom } from "./saving.ts";
import { backends, runSteps, type Values } from "./steps.testing.ts";

interface Golden {
  readonly shapes: Readonly<Record<string, number[]>>;
  readonly start: Values;
  readonly gradients: readonly Values[];
  readonly cases: readonly (Description & { readonly steps: readonly Values[] })[];
}

function golden<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`./golden/${name}.json`, import.meta.url), "utf8"));
}

function difference(got: Values, expected: Values): number {
  return Math.max(
    ...Object.entries(expected).flatMap(([path, values]) =>
      values.map((value, i) => Math.abs(got[path][i] - value) / Math.max(1, Math.abs(value))),
    ),
  );
}

describe.each(["optimizers", "wrappers"])("%s", (name) => {
  const { cases, ...problem } = golden<Golden>(name);
  const titled = cases.map((each) => ({ ...each, title: JSON.stringify(each.options) }));

  test.each(titled)("$kind $title", ({ kind, options, steps }) => {
    const optimizer = optimizerFrom({ kind, options }) as Optimizer;
    for (const backend of backends) {
      const got = runSteps(optimizer, { ...problem, backend });
      expect(got).toHaveLength(steps.length);
      steps.forEach((expected, i) => {
        expect(
          difference(got[i].evaluated, expected),
          `${backend.name}, step ${i + 1}`,
        ).toBeLessThan(1e-9);
      });
    }
  });

  // Ten steps in float32 lose a few digits more than one: 2⁻²⁴·10 and the cancellation in 1 − βᵗ.
  test.each(titled)("$kind $title in float32", ({ kind, options, steps }) => {
    const optimizer = optimizerFrom({ kind, options }) as Optimizer;
    const [reference, wasm] = backends.map((backend) =>
      runSteps(optimizer, { ...problem, backend, dtype: "float32" }),
    );
    steps.forEach((expected, i) => {
      expect(difference(reference[i].evaluated, expected)).toBeLessThan(2e-4);
      expect(difference(wasm[i].evaluated, reference[i].evaluated)).toBeLessThan(1e-5);
    });
  });
});
