/** `chainrule train`: an experiment from its description to a tested network and a report. */

import { relative } from "node:path";
import type { Command } from "commander";
import { type Override, resolveConfig } from "../../config/index.ts";
import { describePreprocessing } from "../../data/index.ts";
import { loadRenderer } from "../../figures/index.ts";
import type { History, TrainEvent } from "../../train/index.ts";
import { UsageError } from "../../util/index.ts";
import { describeEnvironment, type Environment } from "../environment.ts";
import { experimentSource } from "../experimentSource.ts";
import { exitCodes } from "../output/errors.ts";
import { progressOn } from "../output/progress.ts";
import { missesThreshold, resultFacts, thresholdOf } from "../output/results.ts";
import { textFacts } from "../output/table.ts";
import { Terminal } from "../output/terminal.ts";
import { repeatCommand } from "../repeat.ts";
import { checkpointInterval, firstStart, savedState } from "../run/checkpoints.ts";
import { type PreparedRun, prepareRun } from "../run/prepare.ts";
import { readersFor } from "../run/readers.ts";
import { boundaryPair, reportOf } from "../run/report.ts";
import { RunFolder } from "../run/runFolder.ts";
import { findRun, testedWeights } from "../run/savedRun.ts";
import { type TestResult, testModel } from "../run/testing.ts";
import { trainInto } from "../run/training.ts";
import { addSet, addSettings, overridesOf } from "../settings.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

interface TrainFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly out?: string;
  readonly minAccuracy?: string;
  readonly target?: string;
  readonly resume?: string;
  readonly checkpointEvery?: string;
  readonly logEvery?: string;
}

export function trainCommand(context: CommandContext): Command {
  const command = context
    .command("train")
    .summary("train a network and report on it")
    .description("Trains a network, tests it on rows it never saw, and writes a report.")
    .argument(
      "[experiment]",
      "a name (iris, digits, spirals, xor), a .json or .ts configuration, a .csv file, or a run to repeat",
    );
  addSettings(command, [
    "seed",
    "epochs",
    "batchSize",
    "dataDir",
    "backend",
    "mode",
    "dtype",
    "threads",
    "target",
    "features",
    "delimiter",
    "missing",
    "boundary",
  ]);
  addSet(command)
    .option("--out <folder>", "write the run to exactly this folder (default: a new one in runs/)")
    .option("--resume <run>", "go on with a run that was interrupted, or that has too few epochs")
    .option(
      "--checkpoint-every <interval>",
      "epochs (5) or minutes (10m) between two saves of the state that --resume goes on from (default: 1m)",
    )
    .option("--log-every <steps>", "report within epochs too, every so many steps")
    .option("--min-accuracy <number>", "end with exit code 3 when the test accuracy is lower");
  addOutputOptions(command);
  withExamples(command, [
    ["chainrule train iris", "an experiment by name"],
    ["chainrule train digits --seed 7 --epochs 20", "another seed, fewer epochs"],
    ["chainrule train spirals --set optimizer.learningRate=0.005", "any key of the configuration"],
    ["chainrule train flowers.csv --target species", "your own data"],
    ["chainrule train experiment.json --json", "a configuration; JSON Lines on stdout"],
    ["chainrule train --resume runs/iris-seed0", "go on where a run was interrupted"],
  ]);
  return command.action(async (argument: string | undefined, flags: TrainFlags) => {
    const start = startingPoint(argument, flags);
    const source = await experimentSource(start, flags);
    const overrides = overridesOf(command);
    if (flags.resume !== undefined) expectResumable(overrides);
    const resolved = resolveConfig(source.written, { where: source.where, overrides });
    const terminal = new Terminal(flags);
    const named = { ...resolved, name: resolved.name ?? source.name };
    const run = await meanwhile(prepareRun(named, readersFor(terminal)), loadRenderer);
    // A run that went on is repeated as the run that it is.
    const words = context.words
      .slice(1)
      .filter((word) => word !== "--resume")
      .map((word) => (word.replace(/^--resume=/, "") === flags.resume ? start : word));
    const repeat = repeatCommand(words, overrides, run.config.seed);
    context.exitWith(await runTrain(run, repeat, flags, terminal));
  });
}

/** Milliseconds after which other threads are at work, unpacking what was read. */
const underWay = 15;

/** Waits for some work; where that takes longer, begins what is needed later. Who needs it sees its errors. */
async function meanwhile<T>(work: Promise<T>, begin: () => Promise<void>): Promise<T> {
  const later = setTimeout(() => begin().catch(() => {}), underWay);
  try {
    return await work;
  } finally {
    clearTimeout(later);
  }
}

/** The experiment, or the run that goes on. @throws UsageError unless there is exactly one of them */
function startingPoint(argument: string | undefined, { resume, out }: TrainFlags): string {
  if (resume === undefined) {
    if (argument !== undefined) return argument;
    throw new UsageError(
      "train: expected an experiment, such as chainrule train iris, or --resume with a run, got neither.",
    );
  }
  if (argument !== undefined || out !== undefined) {
    const got = argument === undefined ? `--out ${out}` : `"${argument}"`;
    throw new UsageError(
      `--resume ${resume}: a run goes on with its own experiment in its own folder, got ${got} as well; leave it out.`,
    );
  }
  return findRun(resume);
}

/** What may differ when a run goes on: neither its rows nor its steps depend on it. */
const changeable = ["epochs", "backend", "threads", "data.dataDir"];

/** @throws UsageError for changes that would make another run of it */
function expectResumable(overrides: readonly Override[]): void {
  const other = overrides.find(({ path }) => !changeable.includes(path.join(".")));
  if (other === undefined) return;
  throw new UsageError(
    `${other.source}: a run goes on as it began, expected no change of ${other.path.join(".")}; only ` +
      `${changeable.join(", ")} may change with --resume. Leave it out, or start a new run.`,
  );
}

/** @param repeat the command line that repeats the run */
async function runTrain(
  run: PreparedRun,
  repeat: string,
  flags: TrainFlags,
  terminal: Terminal,
): Promise<number> {
  const { config, rows } = run;
  const threshold = thresholdOf(flags.minAccuracy, rows.raw.train);
  boundaryPair(config, rows.raw.train);
  const every = checkpointInterval(flags.checkpointEvery);
  const logEvery = stepsOf(flags.logEvery);
  const resumed = flags.resume === undefined ? undefined : findRun(flags.resume);
  const resume = resumed === undefined ? undefined : await savedState(resumed);
  const startedAt = (resumed && firstStart(resumed)) ?? new Date().toISOString();
  const folder =
    resumed === undefined
      ? newFolder(flags.out, `${config.name}-seed${config.seed}`)
      : RunFolder.again(resumed, resume!.epoch);
  const environment = describeEnvironment();
  describeRun(run, folder, environment, startedAt);

  const progress = progressOn(terminal);
  const interrupt = listenForInterrupt(terminal);
  try {
    const history = await trainInto(folder, run, {
      signal: interrupt.signal,
      eventSteps: logEvery ?? (terminal.hasLiveProgress ? stepsPerMove(run) : 0),
      every,
      ...(resume && { resume }),
      onEvent: (event) => {
        progress(event);
        if (event.type === "step" && logEvery === undefined) return;
        if (terminal.isJson) announce(event, run, folder, terminal);
      },
    });
    const test = await testModel(run.model, rows.raw.test, rows.ready.test);
    const { predictions: _, ...measures } = test;
    folder.writeJson("test", { weights: testedWeights(config), ...measures });
    const finished = { ...run, name: folder.name, command: repeat, history, test };
    folder.writeText("report", await reportOf({ ...finished, environment, startedAt }));
    announceEnd(history, test, folder, terminal);
    if (interrupt.signal.aborted) return exitCodes.interrupted;
    return missesThreshold(test.accuracy, threshold) ? exitCodes.thresholdMissed : exitCodes.done;
  } finally {
    interrupt.stopListening();
  }
}

function newFolder(out: string | undefined, name: string): RunFolder {
  return out === undefined ? RunFolder.in("runs", name) : RunFolder.at(out);
}

/** Steps after which a bar moves within an epoch; 0 where epochs are short enough without. */
function stepsPerMove({ config, rows }: PreparedRun): number {
  const stepsPerEpoch = Math.ceil(rows.ready.train.length / config.batchSize);
  return stepsPerEpoch < 200 ? 0 : Math.ceil(stepsPerEpoch / 50);
}

/** The value of --log-every. @throws UsageError unless it is a whole number from 1 */
function stepsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const steps = Number(text);
  if (Number.isInteger(steps) && steps >= 1) return steps;
  throw new UsageError(`--log-every: expected a whole number of steps from 1, got "${text}".`);
}

/** Writes what is known before the first step. */
function describeRun(
  { config, rows }: PreparedRun,
  folder: RunFolder,
  environment: Environment,
  startedAt: string,
): void {
  const { backend, mode, dtype } = config;
  folder.writeJson("config", config);
  folder.writeJson("environment", { ...environment, backend, mode, dtype, startedAt });
  folder.writeJson("preprocessing", {
    ...describePreprocessing(rows.raw.train, rows.standardization),
    ...(rows.targetStandardization && { targetStandardization: rows.targetStandardization }),
  });
}

/** A signal that the first Ctrl-C aborts; the second one ends the process. */
function listenForInterrupt(terminal: Terminal) {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
    terminal.log("Stopping: saving the weights so far. Press Ctrl-C again to quit at once.");
  };
  process.on("SIGINT", listener);
  return { signal: controller.signal, stopListening: () => process.off("SIGINT", listener) };
}

function announce(
  event: TrainEvent,
  { config, rows }: PreparedRun,
  folder: RunFolder,
  terminal: Terminal,
): void {
  if (event.type === "start") {
    const { name, seed, dtype, mode } = config;
    const { raw } = rows;
    const parts = {
      train: raw.train.length,
      ...(raw.validation && { validation: raw.validation.length }),
      test: raw.test.length,
    };
    terminal.json({ ...event, name, seed, dtype, mode, rows: parts, run: folder.path });
  } else if (event.type === "step") {
    terminal.json(event);
  } else if (event.type === "epoch") {
    const { weights: _, ...record } = event;
    terminal.json(record);
  }
}

function announceEnd(
  history: History,
  test: TestResult,
  folder: RunFolder,
  terminal: Terminal,
): void {
  const { reason, steps, seconds, bestEpoch } = history;
  const { loss, accuracy, topK, rows, regression } = test;
  if (terminal.isJson) {
    terminal.json({
      type: "end",
      test: { loss, accuracy, topK, ...regression, rows },
      epochs: history.epochs.length,
      steps,
      seconds,
      reason,
      bestEpoch,
      run: folder.path,
      report: folder.file("report"),
    });
    return;
  }
  const here = (path: string) => relative(process.cwd(), path) || ".";
  terminal.data(
    textFacts([
      ...resultFacts(test, terminal),
      ["Epochs", epochsText(history)],
      ["Run", here(folder.path)],
      ["Report", here(folder.file("report"))],
    ]),
  );
}

function epochsText({ epochs, reason, seconds, bestEpoch }: History): string {
  const time = `in ${seconds.toPrecision(2)} s`;
  if (reason === "stopped early") {
    return `${epochs.length} ${time}, stopped early: epoch ${bestEpoch} was the best`;
  }
  if (reason === "converged") {
    return `${epochs.length} ${time}, converged: further epochs would not change the weights`;
  }
  return reason === "aborted"
    ? `${epochs.length} ${time}, stopped by Ctrl-C`
    : `${epochs.length} ${time}`;
}
