/** Augmentation in a worker thread of Node.js. */

import { Worker } from "node:worker_threads";
import type { Augmentation, AugmentationOptions } from "./augmentation.ts";
import type { Transform } from "./transform.ts";
import { augmentationBy, type WorkerConnection } from "./worker.ts";

/** An augmentation in a worker thread: training goes on while the next rows are prepared.
 *
 * @throws UsageError for transforms that are not built in
 * @example
 * await train(net, data, { augment: augmentInWorker([transforms.shift(), transforms.rotate()]) });
 */
export function augmentInWorker(
  transforms: readonly Transform[],
  options: AugmentationOptions = {},
): Augmentation {
  return augmentationBy(connect, transforms, options);
}

function connect(): WorkerConnection {
  // The compiled package has .js files where the sources have .ts ones.
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const worker = new Worker(new URL(`./workerThread.node.${ending}`, import.meta.url));
  // A run that is forgotten must not keep the process alive.
  worker.unref();
  return {
    send: (message, transfer) => {
      // While an answer is on its way, the process has something to wait for.
      worker.ref();
      worker.postMessage(message, transfer);
    },
    onAnswer: (receive) => {
      worker.on("message", (answer) => {
        worker.unref();
        receive(answer);
      });
    },
    onError: (fail) => {
      worker.on("error", fail);
      worker.on("messageerror", fail);
    },
    end: () => {
      worker.terminate();
    },
  };
}
