/** Counts what steps of training allocate on the JavaScript heap: `node --expose-gc allocation.ts`.
 *
 * Prints the bytes by which the heap grew over 100,000 steps, each a call of its own, without a garbage
 * collection in between: the least of a few attempts, for the engine's own compiler may work beside.
 */

import { PerformanceObserver } from "node:perf_hooks";
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

/** When collections ran. Those that `gc()` asks for are among them. */
const collections: number[] = [];
const observer = new PerformanceObserver((list) => {
  for (const { startTime } of list.getEntries()) collections.push(startTime);
});
observer.observe({ entryTypes: ["gc"] });

/** Bytes by which the heap grows while `work` runs, those of measuring included; infinitely many if it is
 * collected meanwhile, for then they cannot be told. */
async function growthDuring(work: () => void): Promise<number> {
  globalThis.gc!();
  const start = performance.now();
  const before = getHeapStatistics().used_heap_size;
  work();
  const growth = getHeapStatistics().used_heap_size - before;
  const end = performance.now();
  // The observer is called in a turn of the event loop.
  await pause(50);
  return collections.some((time) => time > start && time < end) ? Infinity : growth;
}

train(20_000);
await pause(200);
const own = await growthDuring(() => {});
const growths: number[] = [];
for (let attempt = 0; attempt < attempts; attempt++) {
  growths.push((await growthDuring(() => train(steps))) - own);
}
console.log(JSON.stringify({ steps, growths, least: Math.min(...growths) }));
