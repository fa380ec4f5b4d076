/** What `explain` and `graph` look at: a network, its loss and optimizer, and rows as it sees them. */

import type { Command } from "commander";
import { type ExperimentRows, lossOf, optimizerOf, resolveConfig } from "../../config/index.ts";
import type { ExplainedOptimizer } from "../../explain/index.ts";
import type { Loss, Network } from "../../nn/index.ts";
import { UsageError } from "../../util/index.ts";
import { experimentSource } from "../experimentSource.ts";
import type { Terminal } from "../output/terminal.ts";
import { overridesOf } from "../settings.ts";
import { prepareRun } from "./prepare.ts";
import { readersFor } from "./readers.ts";
import { isRun, loadRun } from "./savedRun.ts";

/** A network and the rows that it is explained at. */
export interface Explained {
  readonly name: string;
  readonly net: Network;
  readonly loss: Loss;
  readonly optimizer: ExplainedOptimizer;
  readonly rows: ExperimentRows;
}

/** The trained network of a run, or the first weights of an experiment. */
export async function explainedFor(
  argument: string,
  flags: { readonly target?: string },
  command: Command,
  terminal: Terminal,
): Promise<Explained> {
  if (isRun(argument)) {
    const { config, model } = await loadRun(argument, overridesOf(command));
    const { rows } = await prepareRun(config, readersFor(terminal));
    return {
      name: argument,
      net: model.net,
      loss: lossOf(config),
      optimizer: optimizerOf(config),
      rows,
    };
  }
  const { written, where } = await experimentSource(argument, flags);
  const resolved = resolveConfig(written, { where, overrides: overridesOf(command) });
  const { rows, model, optimizer } = await prepareRun(resolved, readersFor(terminal));
  return { name: argument, net: model.net, loss: model.loss, optimizer, rows };
}

/** The rows of the training part that were asked for, as the network sees them.
 * @throws UsageError for a row that is not there */
export function samplesAt({ rows }: Explained, numbers: readonly number[]) {
  const { train } = rows.ready;
  const bad = numbers.find((row) => !(Number.isInteger(row) && row >= 0 && row < train.length));
  if (bad !== undefined || numbers.length === 0) {
    throw new UsageError(
      `--sample: expected rows from 0 to ${train.length - 1} of the training part, got ${bad ?? "none"}.`,
    );
  }
  const { inputs, targets } = train.subset(numbers);
  return { x: Array.from(inputs), y: Array.from(targets) };
}

/** `0`, or `0,5,9`. */
export function rowNumbers(text: string): number[] {
  return text.split(",").map(Number);
}
