/** The program: its commands, its version and its help. */

import type { Command } from "commander";
import { activationsCommand } from "./commands/activations.ts";
import { datasetsCommand } from "./commands/datasets.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evaluateCommand } from "./commands/evaluate.ts";
import { explainCommand } from "./commands/explain.ts";
import { graphCommand } from "./commands/graph.ts";
import { lrFindCommand } from "./commands/lrFind.ts";
import { predictCommand } from "./commands/predict.ts";
import { type CommandContext, plainCommand, withExamples } from "./commands/shared.ts";
import { summaryCommand } from "./commands/summary.ts";
import { trainCommand } from "./commands/train.ts";
import { packageVersion } from "./environment.ts";

const commands = [
  trainCommand,
  evaluateCommand,
  predictCommand,
  summaryCommand,
  lrFindCommand,
  explainCommand,
  graphCommand,
  activationsCommand,
  datasetsCommand,
  doctorCommand,
];

/** The program for one command line.
 *
 * @param words the command line
 * @param exitWith takes the exit code of the command that runs
 */
export function chainruleProgram(
  words: readonly string[],
  exitWith: (code: number) => void,
): Command {
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
  for (const make of commands) program.addCommand(make(context));
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
