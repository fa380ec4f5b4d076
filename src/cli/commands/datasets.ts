/** `chainrule datasets`: what can be learned from without a download. */

import type { Command } from "commander";
import { datasetCatalogue } from "../../data/index.ts";
import { textTable } from "../output/table.ts";
import { Terminal } from "../output/terminal.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

export function datasetsCommand(context: CommandContext): Command {
  const command = context
    .command("datasets")
    .summary("list the datasets that come with the package")
    .description("Lists the datasets that come with the package; none needs a network.");
  addOutputOptions(command);
  withExamples(command, [
    ["chainrule datasets", "a table"],
    ["chainrule datasets --json", "with sources and licences"],
    ["chainrule train xor --set data.points=400", "options of a generated set"],
  ]);
  return command.action((flags: { readonly json?: boolean }) => {
    const terminal = new Terminal(flags);
    if (terminal.isJson) {
      terminal.json(datasetCatalogue);
      return;
    }
    const rows = datasetCatalogue.map(({ name, rows, features, classes, description }) => [
      name,
      rows,
      features,
      classes,
      description,
    ]);
    terminal.data(textTable([["Name", "Rows", "Features", "Classes", "What it is"], ...rows]));
  });
}
