/** `chainrule evaluate`: how good a trained network is, on its own test rows or on others. */

import type { Command } from "commander";
import { loadRows, withTargets } from "../../config/index.ts";
import type { Dataset } from "../../data/index.ts";
import { formatPercent } from "../../figures/index.ts";
import { UsageError } from "../../util/index.ts";
import { exitCodes } from "../output/errors.ts";
import { missesThreshold, resultFacts, thresholdOf } from "../output/results.ts";
import { textFacts, textTable } from "../output/table.ts";
import { Terminal } from "../output/terminal.ts";
import { readNewDataset } from "../run/newRows.ts";
import { readersFor } from "../run/readers.ts";
import { loadRun, type SavedRun } from "../run/savedRun.ts";
import { type TestResult, testModel } from "../run/testing.ts";
import { addSettings, overridesOf } from "../settings.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

interface EvaluateFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly data?: string;
  readonly target?: string;
  readonly delimiter?: string;
  readonly minAccuracy?: string;
}

export function evaluateCommand(context: CommandContext): Command {
  const command = context
    .command("evaluate")
    .summary("test a trained network")
    .description(
      "Tests the network of a run, on the run's own test rows or on those of a CSV file.",
    )
    .argument("<run>", "folder of a run, or its name in runs/");
  addSettings(command, ["backend", "mode", "dataDir"])
    .option("--data <file>", "CSV file to test on instead")
    .option("--target <column>", "its column with the right answers (default: as in training)")
    .option("--delimiter <character>", "between its cells; found out unless said")
    .option("--min-accuracy <number>", "end with exit code 3 when the accuracy is lower");
  addOutputOptions(command);
  withExamples(command, [
    ["chainrule evaluate runs/iris-seed0", "test it again"],
    ["chainrule evaluate iris-seed0 --data new.csv --target species", "test it on other rows"],
    ["chainrule evaluate iris-seed0 --min-accuracy 0.9", "exit code 3 when it is worse"],
  ]);
  return command.action(async (argument: string, flags: EvaluateFlags) => {
    const run = await loadRun(argument, overridesOf(command).filter(isForUse));
    const terminal = new Terminal(flags);
    const { raw, ready } = await testRows(run, flags, terminal);
    const threshold = thresholdOf(flags.minAccuracy, raw);
    const result = await testModel(run.model, raw, ready);
    print(result, terminal);
    const isMissed = missesThreshold(result.accuracy, threshold);
    context.exitWith(isMissed ? exitCodes.thresholdMissed : exitCodes.done);
  });
}

/** The overrides that change how a network runs and where its rows lie, and not what it was trained on. */
function isForUse({ path }: { readonly path: readonly string[] }): boolean {
  return ["backend", "mode", "data.dataDir"].includes(path.join("."));
}

async function testRows(
  { config, preprocessing, model }: SavedRun,
  { data, target, delimiter }: EvaluateFlags,
  terminal: Terminal,
): Promise<{ readonly raw: Dataset; readonly ready: Dataset }> {
  if (data === undefined) {
    const { raw, ready } = await loadRows(config, readersFor(terminal));
    return { raw: raw.test, ready: ready.test };
  }
  const trained = config.data.dataset === "csv" ? config.data : undefined;
  const column = target ?? trained?.target;
  if (column === undefined) {
    throw new UsageError(
      "--data: expected --target with the column of the right answers, got none.",
    );
  }
  const raw = await readNewDataset(data, preprocessing, column, {
    delimiter: delimiter ?? trained?.delimiter,
    missingValues: trained?.missingValues,
    missing: trained?.missing === "mean" ? "mean" : "error",
  });
  const { standardization, targetStandardization } = model;
  const inputs = standardization?.apply(raw) ?? raw;
  const ready = targetStandardization ? withTargets(inputs, targetStandardization) : inputs;
  return { raw, ready };
}

function print(result: TestResult, terminal: Terminal): void {
  const { predictions: _, ...measures } = result;
  if (terminal.isJson) {
    terminal.json({ type: "evaluate", ...measures });
    return;
  }
  terminal.data(textFacts(resultFacts(result, terminal)));
  if (measures.perClass === undefined) return;
  const rows = measures.perClass.map(({ name, precision, recall, f1, support }) => [
    name,
    formatPercent(precision),
    formatPercent(recall),
    formatPercent(f1),
    support,
  ]);
  terminal.data(`\n${textTable([["Class", "Precision", "Recall", "F1", "Rows"], ...rows])}`);
}
