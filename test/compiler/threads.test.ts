/** Networks large enough for blocks, panels and slabs, divided between threads: the same bits as on one. */

import { expect, test } from "vitest";
import { startThreads } from "../../src/backend/index.node.ts";
import { type Backend, wasmBackend } from "../../src/backend/index.ts";
import { Dataset, layers, losses, network, optimizers, train } from "../../src/index.ts";

/** Pictures that follow no rule. */
function pictures(count: number): Dataset {
  const inputs = Float32Array.from({ length: count * 16 * 16 * 3 }, (_, i) => Math.sin(i * i));
  const targets = Int32Array.from({ length: count }, (_, i) => (i * 7) % 5);
  return new Dataset({ name: "pictures", inputs, inputShape: [16, 16, 3], targets });
}

async function weightsAfterTwoSteps(backend: Backend): Promise<number[][]> {
  const net = network({
    input: [16, 16, 3],
    layers: [
      layers.conv2d(32, 3, { padding: "same" }),
      layers.batchNorm(),
      layers.relu(),
      layers.maxPool2d(2),
      layers.conv2d(64, 3),
      layers.relu(),
      layers.maxPool2d(2),
      layers.flatten(),
      layers.linear(150),
      layers.tanh(),
      layers.dropout(0.5),
      layers.linear(5),
    ],
    seed: 2,
  });
  await train(net, pictures(64), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.adam(),
    epochs: 2,
    batchSize: 64,
    backend,
  });
  return [...net.weights.values()].map((values) => Array.from(values));
}

test("a convolutional network trains to the same bits on 1, 2 and 3 threads", async () => {
  const teams = [2, 3].map((size) => startThreads(size));
  try {
    for (const mode of ["strict", "fast"] as const) {
      const expected = await weightsAfterTwoSteps(wasmBackend({ mode }));
      for (const threads of teams) {
        await threads.started();
        const got = await weightsAfterTwoSteps(wasmBackend({ mode, threads }));
        expect(got, `${mode}, ${threads.size} threads`).toEqual(expected);
      }
    }
  } finally {
    for (const threads of teams) threads.close();
  }
});
