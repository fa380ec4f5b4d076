/** Counts what steps of training allocate on the JavaScript heap: `node --expose-gc allocation.ts`.
 *
 * Prints the bytes by which the heap grew over 100,000 steps, each a call of its own, without a garbage
 * collection in between: the least of a few attempts, for the engine's own compiler may work beside.
 */

import { setTimeout as pause } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import { wasmBackend } from "../../src/backend/index.ts";
import { iris } from "../../src/data/index.ts";
import { layers, network } from "../../src/nn/index.ts";
import { optimizers } from "../../src/optim/index.ts";
import { resolveOptions } from "../../src/train/options.ts";
import { TrainingSession } from "../../src/train/session.ts";

const steps = 100_000;
const attempts = 5;

const data = iris().split({ test: 0.2, stratify: true, seed: 1 }).train;
const net = network({
  input: [4],
  layers: [layers.linear(11), layers.relu(), layers.linear(3)],
  seed: 1,
});
const options = resolveOptions(net, data, {
  optimizer: optimizers.adam({ learningRate: 0.01 }),
  batchSize: 8,
  backend: wasmBackend(),
});
const session = new TrainingSession(net, data, options);
session.beginEpoch(1);

/** Steps of one epoch again and again: what follows its last row is read as zeros. */
function train(count: number): void {
  for (let i = 0; i < count; i++) session.run(0, 1);
}

/** Bytes by which the heap grows while `work` runs, those of measuring included. */
function growthDuring(work: () => void): number {
  globalThis.gc!();
  const before = getHeapStatistics().used_heap_size;
  work();
  return getHeapStatistics().used_heap_size - before;
}

train(20_000);
await pause(200);
const own = growthDuring(() => {});
const growths: number[] = [];
for (let attempt = 0; attempt < attempts; attempt++) {
  growths.push(growthDuring(() => train(steps)) - own);
  await pause(50);
}
console.log(JSON.stringify({ steps, growths, least: Math.min(...growths) }));
