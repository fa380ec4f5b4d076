/** The worker thread of Node.js that prepares rows: what `augmentInWorker` starts. */

import { parentPort } from "node:worker_threads";
import { answerRequest, type WorkerRequest } from "./worker.ts";

parentPort?.on("message", (request: WorkerRequest) => {
  const answer = answerRequest(request);
  parentPort?.postMessage(answer, [answer.inputs.buffer as ArrayBuffer]);
});
