/** The few rows of a run that the README shows. */

import type { Measurement } from "../measurement.ts";
import { markdownTable, shortNumber } from "../table.ts";
import { Results } from "./results.ts";

const shown: readonly (readonly [workload: string, title: string])[] = [
  ["iris-b120", "iris, 4-11-3, 120 rows, Adam"],
  ["spirals-b300", "two spirals, 2-64-2, 300 rows, Adam"],
  ["mnist-mlp30-b10", "MNIST, 784-30-10, 10 rows, SGD"],
  ["mnist-mlp128-b128", "MNIST, 784-128-10, 128 rows, Adam"],
  ["lenet-b128", "MNIST, LeNet-5, 128 rows, Adam"],
];

const others: readonly (readonly [title: string, system: RegExp])[] = [
  ["PyTorch", /^pytorch$/],
  ["JAX", /^jax$/],
  ["TensorFlow.js", /^tfjs/],
  ["jax-js", /^jax-js$/],
];

/** µs of a training step on one thread in float32; each system as it runs fastest.
 * @returns undefined where the run did not measure all of these networks */
export function summaryTable(measurements: readonly Measurement[]): string | undefined {
  const results = new Results(measurements);
  if (shown.some(([workload]) => results.ours(workload) === undefined)) return undefined;
  const rows = shown.map(([workload, title]): [string, ...number[]] => [
    title,
    results.ours(workload)!.usPerStep,
    ...others.map(([, system]) => results.fastest(system, { workload })),
  ]);
  return markdownTable([
    ["µs a training step", "Chainrule", ...others.map(([title]) => title)],
    ...rows.map(([title, ...times]) => [title, ...times.map(shortNumber)]),
  ]);
}
