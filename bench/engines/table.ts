/** The engines' part of docs/performance.md, from measurements. */

import type { MachineFacts } from "../peers/machine.ts";
import { progressNote } from "../peers/pageFile.ts";
import { fraction, markdownTable, shortNumber } from "../table.ts";
import type { EngineMeasurement, EnginesOptions } from "./compare.ts";

export interface EnginesContent {
  readonly started: Date;
  readonly machine: MachineFacts;
  /** Of the engines, in the order of their columns. */
  readonly names: readonly string[];
  readonly results: readonly EngineMeasurement[];
  readonly options: EnginesOptions;
  readonly progress: { readonly done: number; readonly all: number };
}

export function enginesTable(content: EnginesContent): string {
  const { started, machine, names, results, options, progress } = content;
  const rows = [["workload", "mode", ...names.flatMap((name) => [name, "of its limit"])]];
  for (const { name: workload } of options.chosen) {
    for (const mode of options.modes) {
      const cells = names.map(
        (name) =>
          results.find(
            ({ engine, measurement }) =>
              engine === name && measurement.workload === workload && measurement.mode === mode,
          )?.measurement,
      );
      if (cells.every((cell) => cell === undefined)) continue;
      rows.push([
        workload,
        mode,
        ...cells.flatMap((cell) =>
          cell === undefined
            ? ["–", "–"]
            : [shortNumber(cell.usPerStep), fraction(cell.fractionOfLimit)],
        ),
      ]);
    }
  }
  const { threads, rounds, seconds } = options;
  return [
    "## By engine",
    `Written by \`npm run bench -- --engines\` on ${started.toISOString().slice(0, 10)}: ${machine.processor}, ` +
      `${machine.threads} hardware threads, load average ${machine.load.toFixed(1)} when the run began. ` +
      `float32, ${threads === 1 ? "one thread" : `${threads} threads`}; µs a step, medians of ${rounds} rounds ` +
      `of ${seconds} s in which the engines take turns, each with a peak kernel of its own process beside. ` +
      "Node.js 20 runs with relaxed vectors, which it has behind a flag. Register tiles are measured once an engine.",
    ...progressNote(progress),
    markdownTable(rows),
  ].join("\n\n");
}
