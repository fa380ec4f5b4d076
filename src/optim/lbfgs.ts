/** L-BFGS: a quasi-Newton method for full batches. */

import { UsageError } from "../util/index.ts";
import type { LbfgsOptions, LbfgsState } from "./lbfgsAlgorithm.ts";
import type { EvaluatingOptimizer } from "./optimizer.ts";
import { expectCounts, expectPositive, expectRates } from "./rates.ts";

/** d = −H g with H from the last pairs (two-loop recursion); θ ← θ + t·d, t by a strong Wolfe line search.
 *
 * Each epoch is one step over all rows, with several evaluations. Random layers keep their numbers.
 * Liu and Nocedal, "On the limited memory BFGS method", 1989; as in PyTorch.
 * @throws UsageError for options out of range.
 */
export function lbfgs(options: LbfgsOptions = {}): EvaluatingOptimizer<LbfgsState> {
  const { learningRate = 1, historySize = 10, lineSearch = "strongWolfe" } = options;
  const { gradientTolerance = 1e-7, changeTolerance = 1e-9 } = options;
  expectPositive("Optimizer lbfgs", { learningRate });
  expectCounts("Optimizer lbfgs", { historySize });
  expectRates("Optimizer lbfgs", { gradientTolerance, changeTolerance });
  if (lineSearch !== "strongWolfe" && lineSearch !== "none") {
    throw new UsageError(
      `Optimizer lbfgs: expected lineSearch "strongWolfe" or "none", got "${lineSearch}".`,
    );
  }
  const all = { learningRate, historySize, lineSearch, gradientTolerance, changeTolerance };
  return {
    kind: "lbfgs",
    needs: "evaluations",
    options: all,
    rates: { learningRate },
    algorithm: async () => (await import("./lbfgsAlgorithm.ts")).lbfgsAlgorithm(all),
    with: (changes) => lbfgs({ ...all, ...changes }),
  };
}
