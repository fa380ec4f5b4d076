/** Training on threads in a real browser: the same bits as on one thread of Node.js. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { datasets, layers, losses, network, optimizers, train } from "../../src/index.ts";
import { answerOfPage, testInBrowser } from "./browser.testing.ts";

const dist = join(import.meta.dirname, "..", "..", "dist");

const page = `<!doctype html><script type="module">
  const tell = (text) => fetch("/answer", { method: "POST", body: text });
  try {
    const { iris } = await import("/src/data/embedded.js");
    const { layers, losses, network } = await import("/src/nn/index.js");
    const { optimizers } = await import("/src/optim/index.js");
    const { train } = await import("/src/train/index.js");
    const { startWebThreads, wasmBackend } = await import("/src/backend/index.js");
    const start = () => new Worker("/src/backend/wasm/webThread.js", { type: "module" });
    const threads = await startWebThreads(2, start, { divideFrom: 0 });
    const net = network({ input: [4], layers: [layers.linear(32), layers.relu(), layers.linear(3)], seed: 1 });
    await train(net, iris(), {
      loss: losses.crossEntropy(), optimizer: optimizers.adam({ learningRate: 0.01 }),
      epochs: 3, batchSize: 50, backend: wasmBackend({ threads }),
    });
    await tell(JSON.stringify([...net.weights.values()].map((value) => Array.from(value))));
  } catch (error) {
    await tell(String(error));
  }
</script>`;

testInBrowser("two threads of a page train to the bits of Node.js", 60_000, async () => {
  const answer = await answerOfPage((url) => {
    if (url === "/") return { type: "text/html", content: page };
    const path = join(dist, url);
    return existsSync(path) ? { type: "text/javascript", content: readFileSync(path) } : undefined;
  });
  const net = network({
    input: [4],
    layers: [layers.linear(32), layers.relu(), layers.linear(3)],
    seed: 1,
  });
  await train(net, datasets.iris(), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.adam({ learningRate: 0.01 }),
    epochs: 3,
    batchSize: 50,
  });
  const expected = JSON.stringify([...net.weights.values()].map((value) => Array.from(value)));
  expect(answer).toBe(expected);
});
