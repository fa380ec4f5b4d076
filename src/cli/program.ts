/** The program: its commands, its version and its help. */

import type { Command } from "commander";
import { type CommandContext, plainCommand, withExamples } from "./commands/shared.ts";
import { packageVersion } from "./environment.ts";

/** The commands by name; each is loaded when it is asked for, so that none waits for the others. */
const commands: Readonly<Record<string, () => Promise<(context: CommandContext) => Command>>> = {
  train: async () => (await import("./commands/train.ts")).trainCommand,
  evaluate: async () => (await import("./commands/evaluate.ts")).evaluateCommand,
  predict: async () => (await import("./commands/predict.ts")).predictCommand,
  summary: async () => (await import("./commands/summary.ts")).summaryCommand,
  "lr-find": async () => (await import("./commands/lrFind.ts")).lrFindCommand,
  explain: async () => (await import("./commands/explain.ts")).explainCommand,
  graph: async () => (await import("./commands/graph.ts")).graphCommand,
  activations: async () => (await import("./commands/activations.ts")).activationsCommand,
  datasets: async () => (await import("./commands/datasets.ts")).datasetsCommand,
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand,
};

/** The program for one command line: with the command that it begins with, or else with all.
 *
 * @param words the command line
 * @param exitWith takes the exit code of the command that runs
 */
export async function chainruleProgram(
  words: readonly string[],
  exitWith: (code: number) => void,
): Promise<Command> {
  const program = plainCommand("chainrule")
    .description("The neural-network lab: train, test, explain and report neural networks.")
    .version(packageVersion(), "-V, --version", "show the version")
    .helpCommand("help [command]", "show the help of a command")
    .showHelpAfterError("(--help shows the options)");
  const context: CommandContext = {
    command: (name) => plainCommand(name).showHelpAfterError("(--help shows the options)"),
    words,
    exitWith,
  };
  const names = Object.keys(commands);
  for (const name of names.includes(words[0]) ? [words[0]] : names) {
    const make = await commands[name]();
    program.addCommand(make(context));
  }
  return withExamples(program, [
    ["chainrule train iris", "train a network on Fisher's iris and report on it"],
    ["chainrule train data.csv --target price", "learn from your own table"],
    ["chainrule predict runs/iris-seed0 new.csv", "use a trained network"],
    ["chainrule explain iris --out iris.html", "derive, draw and prove its gradients"],
    ["chainrule lr-find data.csv --target price", "find a learning rate for it"],
    ["chainrule datasets", "what can be learned from without a download"],
    ["chainrule doctor", "check this machine"],
  ]);
}
