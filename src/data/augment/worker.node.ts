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
  // Options of the process, such as --input-type, are not for the worker's file.
  const worker = new Worker(new URL(`./workerThread.node.${ending}`, import.meta.url), {
    execArgv: [],
  });
  // A run that is forgotten must not keep the process alive; answers on their way must.
  let expected = 0;
  worker.unref();
  return {
    send: (message, transfer) => {
      expected++;
      worker.ref();
      worker.postMessage(message, transfer);
    },
    onAnswer: (receive) => {
      worker.on("message", (answer) => {
        expected--;
        if (expected === 0) worker.unref();
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
