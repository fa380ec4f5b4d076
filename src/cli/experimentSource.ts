/** What `train` and `summary` are given: an experiment's name, a configuration, a CSV file, or a run. */

import { existsSync, statSync } from "node:fs";

import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { experiments } from "../../experiments/index.ts";
import type { ExperimentConfig } from "../config/index.ts";
import { parseTable } from "../data/csvTable.ts";
import { FileError, nearestName, UsageError } from "../util/index.ts";
import { runFiles } from "./run/runFolder.ts";
import { readText } from "./text.ts";

/** A configuration before it is validated. */
export interface ExperimentSource {
  /** Names the run unless the configuration has a name. */
  readonly name: string;
  /** Opens messages about the configuration. */
  readonly where: string;
  readonly written: unknown;
}

/** The configuration that an argument of the command line means.
 *
 * @param settings values of the command line that a CSV file needs to become an experiment
 * @throws UsageError for a name that is no experiment and no file; FileError for a file that cannot be read
 */
export async function experimentSource(
  argument: string,
  settings: { readonly target?: string } = {},
): Promise<ExperimentSource> {
  const kind = kindOf(argument);
  switch (kind) {
    case "name":
      return namedExperiment(argument);
    case "csv":
      return csvExperiment(argument, settings.target);
    case "json":
      return { ...fileFacts(argument), written: await readJson(argument) };
    case "script":
      return { ...fileFacts(argument), written: await importConfig(argument) };
    case "run":
      return repeatedRun(argument);
  }
}

function kindOf(argument: string): "name" | "csv" | "json" | "script" | "run" {
  if (/\.(csv|tsv|txt|data)(\.gz)?$/i.test(argument)) return "csv";
  if (/\.json$/i.test(argument)) return "json";
  if (/\.[mc]?[tj]s$/i.test(argument)) return "script";
  const isFolder = !Object.hasOwn(experiments, argument) && existsSync(argument);
  return isFolder && statSync(argument).isDirectory() ? "run" : "name";
}

function namedExperiment(name: string): ExperimentSource {
  if (Object.hasOwn(experiments, name)) {
    return { name, where: `Experiment "${name}"`, written: experiments[name] };
  }
  const names = Object.keys(experiments);
  const near = nearestName(name, names);
  const advice = near === undefined ? "" : ` Did you mean "${near}"?`;
  throw new UsageError(
    `No experiment "${name}".${advice} The experiments are ${names.join(", ")}; ` +
      "or give a .json or .ts configuration, a .csv file with --target, or the folder of a run.",
  );
}

async function csvExperiment(path: string, target: string | undefined): Promise<ExperimentSource> {
  const where = `CSV "${basename(path)}"`;
  if (target === undefined) {
    const { columns } = parseTable(await readText(path), { name: basename(path) });
    throw new UsageError(
      `${where}: expected --target with the column to predict, got none; the columns are ${columns.join(", ")}.`,
    );
  }
  const written: ExperimentConfig = {
    data: { dataset: "csv", path: resolve(path), target },
    split: { validation: 0.2 },
    network: [{ kind: "linear", units: 32 }, "relu", "linear"],
    optimizer: { kind: "adam", learningRate: 0.01 },
    epochs: 200,
    earlyStopping: { patience: 20 },
  };
  return { ...fileFacts(path), where, written };
}

function fileFacts(path: string): { readonly name: string; readonly where: string } {
  const name = basename(path).replace(/(\.[a-z]+)+$/i, "");
  return { name: name.replace(/[^\w.-]+/g, "-") || "run", where: `Config "${basename(path)}"` };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return withAbsolutePath(JSON.parse(text), path);
  } catch (cause) {
    throw new FileError(`File "${path}": expected JSON: ${(cause as Error).message}.`, { cause });
  }
}

async function importConfig(path: string): Promise<unknown> {
  if (!existsSync(path)) {
    throw new FileError(
      `File "${path}": expected a configuration, found nothing there; check the path.`,
    );
  }
  const module = await load(path);
  const written = module.default ?? module.config;
  if (written === undefined) {
    throw new UsageError(
      `Config "${basename(path)}": expected the configuration as its default export, got ` +
        `${Object.keys(module).join(", ") || "no export"}; write export default { ... }.`,
    );
  }
  return withAbsolutePath(written, path);
}

async function load(path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(resolve(path)).href);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ERR_UNKNOWN_FILE_EXTENSION") {
      throw new UsageError(
        `Config "${basename(path)}": this Node.js (${process.versions.node}) does not run TypeScript; ` +
          "use Node.js 24, or write the configuration as JSON.",
        { cause },
      );
    }
    throw new FileError(`File "${path}": cannot be loaded: ${message}`, { cause });
  }
}

/** A file or folder of data is named relative to the configuration that names it. */
function withAbsolutePath(written: unknown, configPath: string): unknown {
  const config = written as {
    readonly data?: { readonly dataset?: string; readonly path?: unknown };
  };
  const { data } = config ?? {};
  const hasPath = data?.dataset === "csv" || data?.dataset === "imageFolder";
  if (!hasPath || typeof data.path !== "string") return written;
  return { ...config, data: { ...data, path: resolve(dirname(configPath), data.path) } };
}

async function repeatedRun(folder: string): Promise<ExperimentSource> {
  const path = join(folder, runFiles.config);
  if (!existsSync(path)) {
    throw new UsageError(
      `"${folder}": expected the folder of a run, with ${runFiles.config}, got another folder; ` +
        `give an experiment's name (${Object.keys(experiments).join(", ")}) or a file.`,
    );
  }
  return {
    name: basename(resolve(folder)),
    where: `Run "${folder}"`,
    written: await readJson(path),
  };
}
