/** The worker thread of Node.js that runs parts of programs: what `startThreads` starts. */

import { parentPort, workerData } from "node:worker_threads";
import { threadBody } from "./threads.ts";

parentPort?.on("message", threadBody());
const state = workerData as Int32Array;
Atomics.store(state, 0, 1);
Atomics.notify(state, 0);
parentPort?.postMessage("started");
