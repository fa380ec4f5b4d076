/** What all commands share: how they are made, their examples, their output options. */

import { Command } from "commander";

/** What a command gets from the program. */
export interface CommandContext {
  /** A command that reports its errors as the program does. */
  command(name: string): Command;
  /** All words of the command line, from the command's name on. */
  readonly words: readonly string[];
  /** Sets the exit code of the process. */
  exitWith(code: number): void;
}

/** A command whose help opens with its examples. */
export function withExamples(
  command: Command,
  examples: readonly (readonly [line: string, what: string])[],
): Command {
  const width = Math.max(...examples.map(([line]) => line.length));
  const lines = examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`);
  return command.addHelpText("before", `Examples:\n${lines.join("\n")}\n`);
}

/** --json and --quiet. */
export function addOutputOptions(command: Command): Command {
  return command
    .option("--json", "write the results as JSON")
    .option("-q, --quiet", "no progress on stderr");
}

/** A command with errors thrown instead of ending the process. */
export function plainCommand(name: string): Command {
  return new Command(name).exitOverride().helpOption("-h, --help", "show this help");
}
