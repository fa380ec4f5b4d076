/** `chainrule datasets`: what can be learned from by name. */

import type { Command } from "commander";
import { hasImageSet } from "../../data/index.node.ts";
import { datasetCatalogue, imageSets } from "../../data/index.ts";
import { textTable } from "../output/table.ts";
import { Terminal } from "../output/terminal.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

interface DatasetsFlags {
  readonly json?: boolean;
  readonly dataDir?: string;
}

export function datasetsCommand(context: CommandContext): Command {
  const command = context
    .command("datasets")
    .summary("list the datasets that have a name")
    .description(
      "Lists the datasets that come with the package, and those that are fetched once and kept.",
    )
    .option("--data-dir <folder>", "look for fetched sets here (default: CHAINRULE_DATA_DIR)");
  addOutputOptions(command);
  withExamples(command, [
    ["chainrule datasets", "a table"],
    ["chainrule datasets --json", "with sources and licences"],
    ["chainrule train xor --set data.points=400", "options of a generated set"],
  ]);
  return command.action((flags: DatasetsFlags) => {
    const terminal = new Terminal(flags);
    const sets = [
      ...datasetCatalogue.map((entry) => ({ ...entry, isHere: true })),
      ...images(flags),
    ];
    if (terminal.isJson) {
      terminal.json(sets);
      return;
    }
    const rows = sets.map(({ name, rows, features, classes, isHere, description }) => [
      name,
      rows,
      features,
      classes,
      isHere ? description : `${description} (to be fetched)`,
    ]);
    terminal.data(textTable([["Name", "Rows", "Features", "Classes", "What it is"], ...rows]));
  });
}

/** The sets of images in the form of the catalogue. */
function images({ dataDir }: DatasetsFlags) {
  const options = dataDir === undefined ? {} : { dataDir };
  return Object.values(imageSets).map(({ name, classNames, description, source, licence }) => ({
    name,
    rows: 70_000,
    features: 784,
    classes: classNames.length,
    generated: false,
    isHere: hasImageSet(name, options),
    description,
    source,
    licence,
  }));
}
