/** Augmentation in a Web Worker of a real browser: the same bytes as in Node.js. */

import { expect } from "vitest";
import { augmentation, transforms } from "../../src/data/index.ts";
import { answerOfPage, builtFile, testInBrowser } from "./browser.testing.ts";

const page = `<!doctype html><script type="module">
  const tell = (text) => fetch("/answer", { method: "POST", body: text });
  try {
    const { transforms } = await import("/src/data/augment/transforms.js");
    const { augmentInWebWorker } = await import("/src/data/augment/worker.js");
    const start = () => new Worker("/src/data/augment/webWorkerThread.js", { type: "module" });
    const list = Object.values(transforms).map((make) => make());
    const preparer = augmentInWebWorker(list, start, { fill: 0 }).open([8, 8, 1], 3);
    const inputs = Float32Array.from({ length: 128 }, (_, i) => i % 7);
    await tell(JSON.stringify(Array.from(await preparer.prepare({ epoch: 2, rows: Int32Array.of(4, 9), inputs }))));
  } catch (error) {
    await tell(String(error));
  }
</script>`;

testInBrowser("a Web Worker gives the same bytes as Node.js", 60_000, async () => {
  const answer = await answerOfPage((url) => {
    if (url === "/") return { type: "text/html", content: page };
    return builtFile(url);
  });
  const list = Object.values(transforms).map((make) => make());
  const inputs = Float32Array.from({ length: 128 }, (_, i) => i % 7);
  const preparer = augmentation(list, { fill: 0 }).open([8, 8, 1], 3);
  const expected = await preparer.prepare({ epoch: 2, rows: Int32Array.of(4, 9), inputs });
  // Engines may differ in the last bit of a sine or a logarithm.
  const got: number[] = JSON.parse(answer);
  expect(got).toHaveLength(128);
  got.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 5);
  });
});
