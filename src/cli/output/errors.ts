/** Errors in words and as exit codes. */

import { CommanderError } from "commander";
import { ChainruleError, UsageError } from "../../util/index.ts";
import type { Terminal } from "./terminal.ts";

/** What the command's exit code says; part of its contract. */
export const exitCodes = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  thresholdMissed: 3,
  interrupted: 130,
} as const;

/** Tells the user about an error; returns the exit code. */
export function reportError(error: unknown, terminal: Terminal): number {
  // Commander has written its message already; --help and --version arrive here too, with code 0.
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.done : exitCodes.wrongUsage;
  }
  if (!(error instanceof ChainruleError)) {
    const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`chainrule: this is a bug in Chainrule, please report it.\n${details}\n`);
    if (terminal.isJson) terminal.json({ type: "error", code: "CHAINRULE_BUG", message: details });
    return exitCodes.failed;
  }
  const { code, message } = error;
  process.stderr.write(`${terminal.paintLog("red", "chainrule:")} ${message}\n`);
  if (terminal.isJson) terminal.json({ type: "error", code, message });
  return error instanceof UsageError ? exitCodes.wrongUsage : exitCodes.failed;
}
