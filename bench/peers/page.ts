/** The peers' part of docs/performance.md, from measurements. */

import type { Mode } from "../../src/backend/index.ts";
import type { Measurement } from "../measurement.ts";
import type { CompileTime } from "../ours.ts";
import { fraction, markdownTable, shortNumber } from "../table.ts";
import type { CompileWorkload } from "../workloads.ts";
import { barSections } from "./bars.ts";
import type { Absence, CompareOptions } from "./compare.ts";
import type { MachineFacts } from "./machine.ts";
import { progressNote } from "./pageFile.ts";
import { find } from "./results.ts";
import { peers } from "./systems.ts";

export type CompileRow = CompileTime & {
  readonly workload: CompileWorkload;
  readonly mode: Mode;
};

export interface PageContent {
  readonly started: Date;
  readonly machine: MachineFacts;
  readonly options: CompareOptions;
  readonly results: readonly Measurement[];
  readonly absences: readonly Absence[];
  readonly compiles: readonly CompileRow[];
  /** Comparisons. */
  readonly progress: { readonly done: number; readonly all: number };
}

/** The peers' part of the page. */
export function page(content: PageContent): string {
  const { options } = content;
  const sections = [
    introduction(content),
    ...progressNote(content.progress),
    ...barSections(options.chosen, content.results),
    ...[1, 2].flatMap((threads) => comparison(content, threads)),
    "## Chainrule by mode and element type\n\n" +
      "`strict` gives the same bits everywhere; `fast` may fuse a product and a sum.",
    own(content),
    "## Time to a compiled step\n\n" +
      "Milliseconds from the call, with network and data at hand, to the result of the first step, medians of " +
      "five fresh processes: the first network of a process; five more of other sizes in that process; and the " +
      "first network of a process that finds it compiled in a file (`codeCache`, as the command line does) " +
      "since an earlier process has run.",
    compileTable(content),
    "## Who could not run, and why",
    absenceList(content),
  ];
  const names = options.chosen.map(({ name }) => name).join(" ");
  return `${sections.filter((text) => text !== "").join("\n\n")}\n\nWorkloads: ${names}.`;
}

function introduction({ started, machine, options, results }: PageContent): string {
  const versions = new Map(results.map(({ system, version }) => [system as string, version]));
  const list = [...versions].map(([system, version]) => `${system} ${version}`).join(", ");
  return `Every number of this part was measured and written by \`npm run bench -- --peers\`, in one run.

- ${started.toISOString().slice(0, 10)}, ${machine.processor}, ${machine.threads} hardware threads, ${machine.memory}, ${machine.system}
- Load average when the run began: ${machine.load.toFixed(1)}
- Node.js ${machine.node} (V8 ${machine.v8}); ${list}
- Medians of ${options.rounds} rounds of ${options.seconds} s; in a round every system has its turn, ours before each peer; peers whose step takes 0.2 s and more have fewer turns

A row is a whole training step (forward, backward, update) of the same network with the same batch size,
element type and optimizer, on the same rows. Ours gathers its rows in a shuffled order inside of the
step; the peers are given batches that already lie in order, so that they do a little less. They run as
they run fastest: PyTorch on views of one tensor, JAX as a jitted scan over many steps, the environment
free of variables that slow their BLAS. Ours counts after a warm-up, as theirs does.

GFLOPS count the products of matrices and the convolutions of a step's graph (without products with
padding; with those of the zeros in the gradient of max pooling, which our step leaves out, so that a
fraction may exceed 1). "Of limit" compares them with a kernel of independent multiply-adds that runs in the same
process before and after each block of steps: 1.00 is as fast as WebAssembly's 128-bit vectors go on this
core. Workloads that only move memory are compared with 32 bytes loaded and 16 stored a cycle.`;
}

/** A table for each element type: µs a step, and how many times ours is faster. */
function comparison({ results, options }: PageContent, threads: number): string[] {
  const systems = peers.filter((peer) => threads === 1 || peer.threaded);
  const sections = [
    `## ${threads === 1 ? "One thread" : `${threads} threads`}\n\n` +
      "µs a step, and in parentheses how many times ours in fast mode is faster." +
      (threads === 1 ? "" : " float64 is compared on one thread."),
  ];
  for (const dtype of ["float32", "float64"] as const) {
    const columns = systems.filter((peer) =>
      results.some(
        (row) =>
          row.system === peer.system &&
          row.mode === peer.mode &&
          row.threads === threads &&
          row.dtype === dtype,
      ),
    );
    const rows = [
      ["workload", "chainrule", ...columns.map(({ system, mode }) => `${system} (${mode})`)],
    ];
    for (const workload of options.chosen) {
      const base = { workload: workload.name, threads, dtype };
      const ours = find(results, { ...base, system: "chainrule", mode: "fast" });
      const cells = columns.map(({ system, mode }) => {
        const row = find(results, { ...base, system, mode });
        if (row === undefined) return "–";
        const time = shortNumber(row.usPerStep);
        return ours === undefined
          ? time
          : `${time} (${shortNumber(row.usPerStep / ours.usPerStep)})`;
      });
      if (workload.kind === "compile" || cells.every((cell) => cell === "–")) continue;
      rows.push([workload.name, ours === undefined ? "–" : shortNumber(ours.usPerStep), ...cells]);
    }
    if (rows.length > 1) sections.push(`### ${dtype}\n\n${markdownTable(rows)}`);
  }
  return sections.length > 1 ? sections : [];
}

function own({ results }: PageContent): string {
  const rows = [
    ["workload", "threads", "type", "mode", "µs a step", "samples/s", "GFLOPS", "of limit"],
  ];
  for (const row of results) {
    if (row.system !== "chainrule" || row.samplesPerSecond === 0) continue;
    rows.push([
      row.workload,
      String(row.threads),
      row.dtype,
      row.mode,
      shortNumber(row.usPerStep),
      shortNumber(row.samplesPerSecond),
      shortNumber(row.gflops),
      fraction(row.fractionOfLimit),
    ]);
  }
  return markdownTable(rows);
}

function compileTable({ compiles }: PageContent): string {
  const rows = [
    ["workload", "mode", "first, ms", "later, ms", "kept, ms", "bar, ms", "bytes of wasm"],
  ];
  for (const { workload, mode, first, later, kept, codeBytes } of compiles) {
    rows.push([
      workload.of,
      mode,
      shortNumber(first),
      shortNumber(later),
      shortNumber(kept),
      String(workload.bars.milliseconds),
      shortNumber(codeBytes),
    ]);
  }
  return markdownTable(rows);
}

/** One line a system and reason, with the workloads it keeps the system from. */
function absenceList({ absences }: PageContent): string {
  const grouped = new Map<string, Set<string>>();
  for (const { workload, system, mode, threads, dtype, reason } of absences) {
    const on = threads === 1 ? "" : ` on ${threads} threads`;
    const key = `${system} (${mode})${on}: ${reason}`;
    const where = grouped.get(key) ?? new Set<string>();
    grouped.set(key, where.add(dtype === "float32" ? workload : `${workload} ${dtype}`));
  }
  const lines = [...grouped].map(([key, where]) => `- ${key}: ${[...where].join(", ")}`);
  return lines.length > 0 ? lines.join("\n") : "Everyone could run everything.";
}
