/** The time to a compiled step, in a process of its own: `node bench/compileTime.ts WORKLOAD MODE`.
 *
 * Prints milliseconds from the call (a network and its data are at hand) to the first step's result: for
 * the first network of the process, and the median of later ones, each of another size, so that nothing
 * is found in a cache.
 */

import { pathToFileURL } from "node:url";
import type { Mode } from "../src/backend/index.ts";
import { resolveOptions } from "../src/train/options.ts";
import { TrainingSession } from "../src/train/session.ts";
import { makeBackend, ObservedBackend } from "./backends.ts";
import { buildNetwork, buildOptimizer } from "./network.ts";
import { median } from "./peak.ts";
import { rowsOf } from "./training.ts";
import { type TrainingWorkload, trainingWorkload } from "./workloads.ts";

export interface CompileTime {
  readonly firstMilliseconds: number;
  readonly laterMilliseconds: number;
  readonly codeBytes: number;
}

function compileTimes(workload: TrainingWorkload, mode: Mode): CompileTime {
  const data = rowsOf(workload).rows(0, 4 * workload.batchSize);
  const backend = new ObservedBackend(makeBackend({ mode, threads: 1 }));
  const times: number[] = [];
  let codeBytes = 0;
  for (let more = 0; more < 6; more++) {
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
    times.push(performance.now() - start);
    if (more === 0) codeBytes = backend.codeBytes;
    session.executable.dispose();
  }
  return { firstMilliseconds: times[0], laterMilliseconds: median(times.slice(1)), codeBytes };
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
  const [name, mode] = process.argv.slice(2);
  console.log(JSON.stringify(compileTimes(trainingWorkload(name), mode as Mode)));
}
