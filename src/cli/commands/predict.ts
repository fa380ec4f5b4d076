/** `chainrule predict`: what a trained network says about new rows. */

import type { Command } from "commander";
import Papa from "papaparse";
import type { Preprocessing } from "../../data/index.ts";
import { Terminal } from "../output/terminal.ts";
import { readNewFeatures } from "../run/newRows.ts";
import { loadRun } from "../run/savedRun.ts";
import { type Predictions, predictRows } from "../run/testing.ts";
import { addSettings, overridesOf } from "../settings.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

interface PredictFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly delimiter?: string;
}

export function predictCommand(context: CommandContext): Command {
  const command = context
    .command("predict")
    .summary("use a trained network on new rows")
    .description(
      "Predicts for the rows of a CSV file: the class of each and the probability of every class, " +
        "or the value. Columns are found by the names that the network was trained with.",
    )
    .argument("<run>", "folder of a run, or its name in runs/")
    .argument("<input>", "CSV file with the features; - for the standard input");
  addSettings(command, ["backend", "mode"]).option(
    "--delimiter <character>",
    "between the cells; found out unless said",
  );
  addOutputOptions(command);
  withExamples(command, [
    ["chainrule predict runs/iris-seed0 new.csv", "CSV on stdout"],
    ["chainrule predict iris-seed0 new.csv --json", "JSON Lines, one object a row"],
    ["cat new.csv | chainrule predict iris-seed0 -", "rows from the standard input"],
  ]);
  return command.action(async (argument: string, input: string, flags: PredictFlags) => {
    const { config, preprocessing, model } = await loadRun(argument, overridesOf(command));
    const trained = config.data.dataset === "csv" ? config.data : undefined;
    const rows = await readNewFeatures(input, preprocessing, {
      delimiter: flags.delimiter ?? trained?.delimiter,
      missingValues: trained?.missingValues,
      missing: trained?.missing === "mean" ? "mean" : "error",
    });
    const classCount = preprocessing.classNames?.length ?? 0;
    const predictions = await predictRows(model, rows.inputs, classCount);
    print(predictions, rows.length, preprocessing, new Terminal(flags));
  });
}

function print(
  { values, probabilities }: Predictions,
  length: number,
  { classNames = [] }: Preprocessing,
  terminal: Terminal,
): void {
  const rows = Array.from({ length }, (_, row) => row);
  if (probabilities === undefined) {
    if (terminal.isJson)
      for (const row of rows) terminal.json({ row, value: shortened(values[row]) });
    else terminal.data(csv([["value"], ...rows.map((row) => [shortened(values[row])])]));
    return;
  }
  const ofRow = (row: number) =>
    classNames.map((_, c) => shortened(probabilities[row * classNames.length + c]));
  if (terminal.isJson) {
    for (const row of rows) {
      const pairs = ofRow(row).map((probability, c) => [classNames[c], probability]);
      const named = Object.fromEntries(pairs);
      terminal.json({ row, class: classNames[values[row]], probabilities: named });
    }
    return;
  }
  const header = ["class", ...classNames.map((name) => `p(${name})`)];
  terminal.data(csv([header, ...rows.map((row) => [classNames[values[row]], ...ofRow(row)])]));
}

function csv(rows: readonly (readonly (string | number)[])[]): string {
  return Papa.unparse(rows as (string | number)[][], { newline: "\n" });
}

/** Six digits: what float32 holds. */
function shortened(value: number): number {
  return Number(value.toPrecision(6));
}
