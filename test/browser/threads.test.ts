/** Training on threads in a real browser: the same bits as on one thread of Node.js. */

import { expect } from "vitest";
import { datasets, layers, losses, network, optimizers, train } from "../../src/index.ts";
import { answerOfPage, builtFile, testInBrowser } from "./browser.testing.ts";

/** A page that posts what the body of an async function returns, for which a small network, its training and
 * teams of two threads are ready; or the error that it throws. */
const pageOf = (body: string) => `<!doctype html><script type="module">
  const tell = (text) => fetch("/answer", { method: "POST", body: text });
  try {
    const { iris } = await import("/src/data/embedded.js");
    const { layers, network } = await import("/src/nn/index.js");
    const { losses } = await import("/src/nn/losses/index.js");
    const { optimizers } = await import("/src/optim/index.js");
    const { train } = await import("/src/train/index.js");
    const { startWebThreads, wasmBackend } = await import("/src/backend/index.js");
    const net = network({ input: [4], layers: [layers.linear(32), layers.relu(), layers.linear(3)], seed: 1 });
    const trainOn = (threads) => train(net, iris(), {
      loss: losses.crossEntropy(), optimizer: optimizers.adam({ learningRate: 0.01 }),
      epochs: 3, batchSize: 50, backend: wasmBackend({ threads }),
    });
    const workers = [];
    const startTeam = (file = "/src/backend/wasm/webThread.js") => startWebThreads(2, () => {
      workers.push(new Worker(file, { type: "module" }));
      return workers.at(-1);
    }, { divideFrom: 0, patience: 5000 });
    await tell(JSON.stringify(await (async () => {${body}})()));
  } catch (error) {
    await tell(String(error));
  }
</script>`;

const page = pageOf(`
  await trainOn(await startTeam());
  return [...net.weights.values()].map((value) => Array.from(value));
`);

testInBrowser("two threads of a page train to the bits of Node.js", 60_000, async () => {
  const answer = await answerOfPage((url) => {
    if (url === "/") return { type: "text/html", content: page };
    return builtFile(url);
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

/** Gives what each of some mishaps tells. */
const mishaps = pageOf(`
  const mishaps = [
    async () => {
      const threads = await startTeam();
      const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
      threads.load([Uint8Array.of(1, 2, 3, 4)], memory);
      await trainOn(threads);
    },
    async () => {
      const threads = await startTeam();
      workers.at(-1).terminate();
      await trainOn(threads);
    },
    () => startTeam("/silent.js"),
    () => startTeam("/missing.js"),
  ];
  const told = [];
  for (const mishap of mishaps) told.push(await mishap().then(() => "done", (error) => error.message));
  return told;
`);

testInBrowser("a page is told of threads that fail, end or never start", 60_000, async () => {
  const answer = await answerOfPage((url) => {
    if (url === "/") return { type: "text/html", content: mishaps };
    return url === "/silent.js" ? { type: "text/javascript", content: "" } : builtFile(url);
  });
  expect(JSON.parse(answer)).toEqual([
    expect.stringMatching(/: expected 2 threads at work, but thread 1 failed to load a program: /),
    expect.stringMatching(/: expected 2 threads at work, but thread 1 took no message for 5 s\. /),
    "threads: expected them to start within 5 s, but they do not answer; see that their file is that of " +
      "chainrule/backend/thread.",
    expect.stringMatching(/^startWebThreads: a worker did not start: /),
  ]);
});
