/** `chainrule lr-find`: the learning rate at which the loss of an experiment falls fastest. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Command } from "commander";
import { type ResolvedConfig, resolveConfig } from "../../config/index.ts";
import { formatNumber, learningRateCurve, renderSvg } from "../../figures/index.ts";
import { findLearningRate, type LearningRateCurve } from "../../train/index.ts";
import { FileError, UsageError } from "../../util/index.ts";
import { experimentSource } from "../experimentSource.ts";
import { textFacts } from "../output/table.ts";
import { Terminal } from "../output/terminal.ts";
import { prepareRun } from "../run/prepare.ts";
import { readersFor } from "../run/readers.ts";
import { addSet, addSettings, overridesOf } from "../settings.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

interface LrFindFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly out: string;
  readonly target?: string;
  readonly from?: string;
  readonly to?: string;
  readonly steps?: string;
}

export function lrFindCommand(context: CommandContext): Command {
  const command = context
    .command("lr-find")
    .summary("find a learning rate")
    .description(
      "Trains for some steps with a learning rate that grows, suggests the one at which the loss falls fastest, and draws lr-find.svg. The weights are not kept.",
    )
    .argument("<experiment>", "anything that train takes");
  addSettings(command, [
    "seed",
    "batchSize",
    "dataDir",
    "backend",
    "mode",
    "dtype",
    "target",
    "features",
    "delimiter",
    "missing",
  ]);
  addSet(command)
    .option("--from <rate>", "the rate of the first step (default: 1e-7)")
    .option("--to <rate>", "the rate of the last step (default: 10)")
    .option("--steps <number>", "steps, and rates (default: 100)")
    .option("--out <folder>", "folder of lr-find.svg", ".");
  addOutputOptions(command);
  withExamples(command, [
    ["chainrule lr-find iris", "for an experiment by name"],
    ["chainrule lr-find flowers.csv --target species", "for your own data"],
    [
      "chainrule lr-find digits --set optimizer=sgd --steps 300",
      "for another optimizer, in finer steps",
    ],
    ["chainrule lr-find experiment.json --json", "every point as JSON"],
  ]);
  return command.action(async (argument: string, flags: LrFindFlags) => {
    const terminal = new Terminal(flags);
    const { written, where } = await experimentSource(argument, flags);
    const resolved = resolveConfig(written, { where, overrides: overridesOf(command) });
    const range = rangeOf(flags);
    const { config, rows, model, optimizer } = await prepareRun(resolved, readersFor(terminal));
    const { batchSize, seed, classWeights } = config;
    const curve = await findLearningRate(model.net, rows.ready.train, {
      loss: model.loss,
      backend: model.backend,
      optimizer,
      batchSize,
      seed,
      ...(classWeights && { classWeights }),
      ...range,
    });
    print(curve, await draw(curve, flags.out), rateKey(config.optimizer), terminal);
  });
}

/** The options that were given as numbers. @throws UsageError for other texts */
function rangeOf({ from, to, steps }: LrFindFlags) {
  const given = Object.entries({ from, to, steps }).flatMap(([name, text]) => {
    if (text === undefined) return [];
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value)) return [[name, value] as const];
    throw new UsageError(`--${name}: expected a number, got "${text}".`);
  });
  return Object.fromEntries(given) as { from?: number; to?: number; steps?: number };
}

/** Writes the figure. @returns its path. @throws FileError when it cannot be written */
async function draw({ points, suggestion }: LearningRateCurve, folder: string): Promise<string> {
  if (points.length === 0) {
    throw new UsageError(
      "lr-find: the loss was not finite from the first step on; expected a smaller rate as --from, or " +
        "standardized features.",
    );
  }
  const path = join(folder, "lr-find.svg");
  const svg = await renderSvg(learningRateCurve({ points, suggestion }));
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, `${svg}\n`);
  } catch (cause) {
    throw new FileError(`--out ${folder}: cannot be written: ${(cause as Error).message}.`, {
      cause,
    });
  }
  return path;
}

/** The key of the learning rate, of the optimizer inside of all wrappers. */
function rateKey(optimizer: ResolvedConfig["optimizer"]): string {
  return "optimizer" in optimizer
    ? `optimizer.${rateKey(optimizer.optimizer)}`
    : "optimizer.learningRate";
}

function print(curve: LearningRateCurve, figure: string, key: string, terminal: Terminal): void {
  const { points, suggestion, lowest, diverged } = curve;
  if (terminal.isJson) {
    const found = { suggestion: suggestion ?? null, lowest: lowest ?? null, diverged };
    terminal.json({ type: "lr-find", ...found, figure, points });
    return;
  }
  const last = points[points.length - 1];
  terminal.data(
    textFacts([
      ["Suggestion", suggestionText(suggestion, key)],
      ...(suggestion !== undefined && lowest !== undefined
        ? [["Least loss", `at ${formatNumber(lowest)}; higher rates make it rise`] as const]
        : []),
      ...(diverged
        ? [
            [
              "Divergence",
              `above ${formatNumber(last.learningRate)}, where the test ended`,
            ] as const,
          ]
        : []),
      ["Figure", relative(process.cwd(), figure)],
    ]),
  );
}

function suggestionText(suggestion: number | undefined, key: string): string {
  if (suggestion === undefined) {
    return "none: the loss never falls; give a wider range by --from and --to, or more --steps";
  }
  const rate = Number(suggestion.toPrecision(2));
  return `${formatNumber(rate)}, where the loss falls fastest: --set ${key}=${rate}`;
}
