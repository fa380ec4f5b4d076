/** The options of the command line that change an experiment's configuration: one table for parsing, help
 * and environment variables. */

import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { type Override, parseOverride, parseValue } from "../config/index.ts";

/** An option that stands for one key of a configuration. */
interface Setting {
  readonly flags: string;
  readonly description: string;
  /** Path of the key. */
  readonly key: string;
  /** The environment variable that stands in for the option. */
  readonly environment?: string;
  /** From what is written to the key's value; JSON or a text unless said. */
  readonly read?: (text: string) => unknown;
}

const list = (text: string) => text.split(",").map((part) => part.trim());
const column = (text: string) => (/^-\d+$/.test(text) ? Number(text) : text);
const delimiter = (text: string) => (text === "\\t" || text === "tab" ? "\t" : text);

/** Options of `train`, and of others as far as they take them. */
export const settings = {
  seed: {
    flags: "--seed <number>",
    description: "decides the split, the first weights and the order of the rows",
    key: "seed",
    environment: "CHAINRULE_SEED",
  },
  epochs: {
    flags: "--epochs <number>",
    description: "passes over the training rows",
    key: "epochs",
    environment: "CHAINRULE_EPOCHS",
  },
  batchSize: {
    flags: "--batch-size <number>",
    description: "rows of one step",
    key: "batchSize",
    environment: "CHAINRULE_BATCH_SIZE",
  },
  backend: {
    flags: "--backend <name>",
    description: "wasm or reference",
    key: "backend",
    environment: "CHAINRULE_BACKEND",
  },
  mode: {
    flags: "--mode <name>",
    description: "strict (the same bits on every machine) or fast",
    key: "mode",
    environment: "CHAINRULE_MODE",
  },
  dtype: {
    flags: "--dtype <name>",
    description: "float32 or float64",
    key: "dtype",
    environment: "CHAINRULE_DTYPE",
  },
  threads: {
    flags: "--threads <number>",
    description: "threads for large steps: a number, or auto for all of the machine (up to 8)",
    key: "threads",
    environment: "CHAINRULE_THREADS",
  },
  dataDir: {
    flags: "--data-dir <folder>",
    description: "folder that holds the files of MNIST or Fashion-MNIST",
    key: "data.dataDir",
    read: (text) => resolve(text),
  },
  target: {
    flags: "--target <column>",
    description: "column of a CSV file to predict, by name, or -1 for the last",
    key: "data.target",
    read: column,
  },
  features: {
    flags: "--features <a,b,…>",
    description: "columns to predict from; all others unless said",
    key: "data.features",
    read: list,
  },
  delimiter: {
    flags: "--delimiter <character>",
    description: "between the cells of a CSV file; found out unless said",
    key: "data.delimiter",
    read: delimiter,
  },
  missing: {
    flags: "--missing <way>",
    description: "missing values of a CSV file: error, drop or mean",
    key: "data.missing",
    read: String,
  },
  boundary: {
    flags: "--boundary <a,b>",
    description: "two features for the decision boundary in the report",
    key: "report.boundary",
    read: list,
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** Adds options to a command. */
export function addSettings(command: Command, names: readonly SettingName[]): Command {
  for (const name of names) {
    const { flags, description, environment }: Setting = settings[name];
    const option = new Option(flags, description);
    command.addOption(environment === undefined ? option : option.env(environment));
  }
  return command;
}

/** `--set key=value`, any number of times. */
export function addSet(command: Command): Command {
  return command.option(
    "--set <key=value>",
    "change any key of the configuration, such as optimizer.learningRate=0.001; may be repeated",
    (text: string, before: readonly string[]) => [...before, text],
    [] as readonly string[],
  );
}

/** The changes that a command's options ask for: environment variables first, then options, then --set.
 *
 * @throws UsageError for a --set without a key or a value
 */
export function overridesOf(command: Command): Override[] {
  const values = command.opts<Record<string, unknown>>();
  const given = (Object.keys(settings) as SettingName[]).filter(
    (name) => typeof values[name] === "string",
  );
  const overrides = given.map((name) => override(command, name, String(values[name])));
  const isVariable = ({ source }: Override) => source.startsWith("CHAINRULE_");
  const sets = (values.set as readonly string[] | undefined) ?? [];
  return [
    ...overrides.filter(isVariable),
    ...overrides.filter((each) => !isVariable(each)),
    ...sets.map(parseOverride),
  ];
}

function override(command: Command, name: SettingName, text: string): Override {
  const { flags, key, environment, read = parseValue }: Setting = settings[name];
  const isVariable = command.getOptionValueSource(name) === "env";
  const source = isVariable ? `${environment}=${text}` : `${flags.split(" ")[0]} ${text}`;
  return { source, path: key.split("."), value: read(text) };
}
