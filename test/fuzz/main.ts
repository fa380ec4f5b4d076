/** The fuzzer's command: `node test/fuzz/main.ts --graphs 1000 --seed 1`. */

import { parseArgs } from "node:util";
import { candidates } from "./candidates.ts";
import { fuzz } from "./run.ts";

/** A whole number from an option. */
function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  process.stderr.write(`--${name}: expected a whole number, got "${text}".\n`);
  process.exit(2);
}

const { values } = parseArgs({
  options: {
    graphs: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
  },
});
const graphs = wholeNumber("graphs", values.graphs);
const seed = wholeNumber("seed", values.seed);

let done = 0;
let failed = 0;
for (const failure of fuzz(candidates(), { graphs, seed })) {
  done++;
  if (failure !== undefined) {
    failed++;
    process.stdout.write(`${failure}\n\n`);
  }
  if (done % 100 === 0) process.stderr.write(`${done} of ${graphs} graphs, ${failed} failed\n`);
}
process.stdout.write(`${done} graphs from seed ${seed}: ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
