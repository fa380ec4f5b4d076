/** Trains for minutes and watches the memory: `node --expose-gc bench/soak.ts [minutes]`, 10 unless told.
 *
 * Networks are made, trained by `train` and dropped without a dispose, as users do. The heap after a
 * garbage collection, the buffers outside of it and the rest of the process's resident set are printed every
 * ten seconds; the command fails when their level of the last quarter lies above that of the second. What the
 * engine keeps for its heap is left out: it makes the space for young objects larger when it sees fit.
 */

import { getHeapStatistics } from "node:v8";
import { datasets } from "../src/data/index.ts";
import { layers, network } from "../src/nn/index.ts";
import { optimizers } from "../src/optim/index.ts";
import { train } from "../src/train/index.ts";
import { median } from "./peak.ts";

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0) || globalThis.gc === undefined) {
  console.error("usage: node --expose-gc bench/soak.ts [minutes]");
  process.exit(2);
}

/** What is watched, in bytes, and by how much it may rise: noise, not a leak. */
const measures = {
  heap: { read: () => process.memoryUsage().heapUsed, slack: 2e6 },
  buffers: { read: () => process.memoryUsage().arrayBuffers, slack: 2e6 },
  native: {
    read: () => process.memoryUsage().rss - getHeapStatistics().total_heap_size,
    slack: 10e6,
  },
} as const;
type Name = keyof typeof measures;
const names = Object.keys(measures) as Name[];

const data = datasets.iris();
const end = performance.now() + minutes * 60_000;
const samples: Record<Name, number[]> = { heap: [], buffers: [], native: [] };
let nextSample = performance.now();
let steps = 0;

while (performance.now() < end) {
  const net = network({
    input: [4],
    layers: [layers.linear(11), layers.relu(), layers.linear(3)],
    seed: steps,
  });
  const history = await train(net, data, {
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    epochs: 200,
    batchSize: 8,
    validation: data,
  });
  steps += history.steps;
  if (performance.now() < nextSample) continue;
  nextSample += Math.min(10_000, (minutes * 60_000) / 40);
  // Twice, with a turn of the event loop between: finalizers run there.
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 0));
  globalThis.gc();
  for (const name of names) samples[name].push(measures[name].read());
  const line = names.map((name) => `${name} ${(samples[name].at(-1)! / 1e6).toFixed(1)} MB`);
  console.log(`${steps} steps: ${line.join(", ")}`);
}

for (const name of names) {
  const values = samples[name];
  const quarter = Math.max(1, Math.floor(values.length / 4));
  const before = median(values.slice(quarter, 2 * quarter));
  const rise = median(values.slice(-quarter)) - before;
  const isFlat = rise <= measures[name].slack;
  console.log(
    `${name}: ${(rise / 1e6).toFixed(2)} MB more than before, ${isFlat ? "flat" : "RISING"}`,
  );
  if (!isFlat) process.exitCode = 1;
}
