/** The time to a compiled step, in a process of its own: `node bench/compileTime.ts WORKLOAD MODE [FOLDER]`.
 *
 * Prints milliseconds from the call (a network and its data are at hand) to the first step's result: for
 * the first network of the process, and for later ones, each of another size, so that nothing is found in a
 * cache. With a folder the backend keeps compiled programs there, as the command line does, and only the first
 * network is compiled: a second process finds it.
 */

import { pathToFileURL } from "node:url";
import { codeCache } from "../src/backend/index.node.ts";
import type { Mode } from "../src/backend/index.ts";
import { resolveOptions } from "../src/train/options.ts";
import { TrainingSession } from "../src/train/session.ts";
import { makeBackend, ObservedBackend } from "./backends.ts";
import { buildNetwork, buildOptimizer } from "./network.ts";
import { rowsOf } from "./training.ts";
import { type TrainingWorkload, trainingWorkload } from "./workloads.ts";

export interface CompileTimes {
  readonly milliseconds: readonly number[];
  readonly codeBytes: number;
}

function compileTimes(workload: TrainingWorkload, mode: Mode, folder?: string): CompileTimes {
  const data = rowsOf(workload).rows(0, 4 * workload.batchSize);
  // No other code than this may find what it kept: the folder is the caller's own.
  const code = folder === undefined ? undefined : codeCache(folder, "bench");
  const backend = new ObservedBackend(makeBackend({ mode, threads: 1, code }));
  const milliseconds: number[] = [];
  let codeBytes = 0;
  for (let more = 0; more < (code ? 1 : 6); more++) {
    const { batchSize } = workload;
    const net = buildNetwork(wider(workload, more), data.inputShape, "float32");
    const start = performance.now();
    const session = new TrainingSession(
      net,
      data,
      resolveOptions(net, data, {
        optimizer: buildOptimizer(workload.optimizer),
        batchSize,
        backend,
      }),
    );
    session.beginEpoch(1);
    session.run(0, 1);
    session.sums();
    milliseconds.push(performance.now() - start);
    if (more === 0) codeBytes = backend.codeBytes;
    session.close();
  }
  return { milliseconds, codeBytes };
}

/** The workload with `more` units in its first dense layer. */
function wider(workload: TrainingWorkload, more: number): TrainingWorkload {
  const first = workload.layers.findIndex(({ kind }) => kind === "linear");
  const layers = workload.layers.map((layer, i) =>
    layer.kind === "linear" && i === first ? { ...layer, units: layer.units + more } : layer,
  );
  return { ...workload, layers };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [name, mode, folder] = process.argv.slice(2);
  console.log(JSON.stringify(compileTimes(trainingWorkload(name), mode as Mode, folder)));
}
