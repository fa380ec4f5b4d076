/** Random graphs, divided between threads however short they are: the same bits as on one thread. */

import { expect, test } from "vitest";
import { startThreads } from "../../src/backend/index.node.ts";
import { wasmBackend } from "../../src/backend/wasm/index.ts";
import { answers } from "./compareBackends.ts";
import { retyped } from "./randomGraph.ts";
import { graphOf } from "./run.ts";

test("150 random graphs give the same bits on two threads as on one, in both modes", async () => {
  const threads = startThreads(2, { divideFrom: 0 });
  await threads.started();
  try {
    for (const mode of ["strict", "fast"] as const) {
      // One memory each: an engine reserves gigabytes of addresses for every shared one.
      const backends = [wasmBackend({ mode }), wasmBackend({ mode, threads })];
      for (let seed = 1; seed <= 75; seed++) {
        const graph = retyped(graphOf(seed), seed % 2 === 0 ? "float32" : "float64");
        const [alone, together] = backends.map((backend) => answers(backend, graph));
        expect(together, `seed ${seed}, ${mode}`).toEqual(alone);
      }
    }
  } finally {
    threads.close();
  }
});
