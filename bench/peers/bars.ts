/** What was measured beside what must be reached. */

import type { Measurement } from "../measurement.ts";
import { fraction, markdownTable, shortNumber } from "../table.ts";
import type { Bars, FunctionWorkload, TrainingWorkload, Workload } from "../workloads.ts";
import { Results } from "./results.ts";

/** Tables for one thread, and lines for two. */
export function barSections(
  chosen: readonly Workload[],
  measurements: readonly Measurement[],
): string[] {
  const results = new Results(measurements);
  const measured = chosen.filter(
    (workload) => workload.kind !== "compile" && results.ours(workload.name) !== undefined,
  ) as (TrainingWorkload | FunctionWorkload)[];
  if (measured.length === 0) return [];
  const lines = measured.flatMap(({ name, bars }) => threadLines(name, bars, results));
  return [
    "## Against the bars\n\n" +
      "One thread, float32 in fast mode unless said; the bar in parentheses, in bold what is missed.",
    barTable(measured, results),
    ...(lines.length > 0 ? [lines.join("\n")] : []),
  ];
}

/** A column: what is measured, and the bar that belongs to it. */
interface Column {
  readonly title: string;
  readonly bar: keyof Bars;
  readonly format: (value: number) => string;
  /** Whether the bar is the most that may be. */
  readonly isMost?: boolean;
  readonly value: (workload: string, results: Results) => number;
}

const columns: readonly Column[] = [
  {
    title: "times PyTorch eager",
    bar: "pytorch",
    format: shortNumber,
    value: (workload, results) => results.times("pytorch", "eager", { workload }),
  },
  {
    title: "of limit",
    bar: "limit",
    format: fraction,
    value: (workload, results) => results.ours(workload)!.fractionOfLimit,
  },
  {
    title: "float64 of its limit",
    bar: "float64",
    format: fraction,
    value: (workload, results) =>
      results.ours(workload, { dtype: "float64" })?.fractionOfLimit ?? Number.NaN,
  },
  {
    title: "times tfjs and jax-js, their best",
    bar: "javascript",
    format: shortNumber,
    value: (workload, results) =>
      results.fastest(/^(tfjs|jax-js)/, { workload }) / results.ours(workload)!.usPerStep,
  },
  {
    title: "times JAX",
    bar: "jax",
    format: shortNumber,
    value: (workload, results) => results.times("jax", "jit, scan", { workload }),
  },
  {
    title: "float64: times JAX",
    bar: "jax",
    format: shortNumber,
    value: (workload, results) => results.times("jax", "jit, scan", { workload, dtype: "float64" }),
  },
  {
    title: "strict takes, of fast",
    bar: "strict",
    format: shortNumber,
    isMost: true,
    value: (workload, results) => results.times("chainrule", "strict", { workload }),
  },
];

function barTable(
  workloads: readonly (TrainingWorkload | FunctionWorkload)[],
  results: Results,
): string {
  return markdownTable([
    ["workload", "µs a step", ...columns.map(({ title }) => title)],
    ...workloads.map(({ name, bars }) => [
      name,
      shortNumber(results.ours(name)!.usPerStep),
      ...columns.map((column) => cell(column, column.value(name, results), bars[column.bar])),
    ]),
  ]);
}

/** `151 (150)`, `**9.57** (10)`, or a value without a bar. */
function cell({ format, isMost }: Pick<Column, "format" | "isMost">, value: number, bar?: number) {
  if (!Number.isFinite(value)) return "–";
  if (bar === undefined) return format(value);
  const isReached = isMost ? value <= bar : value >= bar;
  return isReached ? `${format(value)} (${bar})` : `**${format(value)}** (${bar})`;
}

/** What two threads must reach. */
function threadLines(workload: string, bars: Bars, results: Results): string[] {
  const one = results.ours(workload);
  const two = results.ours(workload, { threads: 2 });
  if (one === undefined || two === undefined) return [];
  const lines: string[] = [];
  if (bars.threads !== undefined) {
    const peak = ({ gflops, fractionOfLimit }: Measurement) => gflops / fractionOfLimit;
    const faster = one.usPerStep / two.usPerStep;
    const most = peak(two) / peak(one);
    lines.push(
      `- ${workload} on two threads: ${cell({ format: shortNumber }, faster, bars.threads)} times its speed on ` +
        `one; two peak kernels beside it reach ${shortNumber(most)} times one.`,
    );
  }
  if (bars.pytorchThreads !== undefined) {
    const times = results.times("pytorch", "eager", { workload, threads: 2 });
    lines.push(
      `- ${workload} on two threads: ${cell({ format: shortNumber }, times, bars.pytorchThreads)} times the ` +
        "speed of PyTorch eager on two.",
    );
  }
  return lines;
}
