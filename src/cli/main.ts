/** The command line `chainrule`. */

import { exitCodes, reportError } from "./output/errors.ts";
import { endQuietlyOnClosedPipe, Terminal } from "./output/terminal.ts";
import { chainruleProgram } from "./program.ts";

/** Runs one command line.
 *
 * @param words the arguments, without the names of Node.js and of the script
 * @returns the exit code
 * @example
 * process.exitCode = await main(["train", "iris", "--seed", "1"]);
 */
export async function main(words: readonly string[]): Promise<number> {
  endQuietlyOnClosedPipe();
  let code: number = exitCodes.done;
  try {
    const program = await chainruleProgram(words, (given) => {
      code = given;
    });
    await program.parseAsync(words, { from: "user" });
    return code;
  } catch (error) {
    return reportError(error, new Terminal({ json: words.includes("--json") }));
  }
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
