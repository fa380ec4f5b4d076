/** The worker thread of Node.js that runs parts of programs: what `startThreads` starts. */

import { parentPort, workerData } from "node:worker_threads";
import { TeamStatus } from "./teamStatus.ts";
import { threadBody } from "./threadBody.ts";
import type { ThreadData } from "./threads.node.ts";

const { thread, shared } = workerData as ThreadData;
const status = new TeamStatus(shared);
// Its starter may wait at a barrier meanwhile, and hear of nothing else.
process.on("exit", (code) => status.fail(`thread ${thread} ended with exit code ${code}`));
parentPort?.on("messageerror", (error) => {
  status.fail(`thread ${thread} could not read a message: ${error}`);
});
parentPort?.on("message", threadBody(thread, status));
parentPort?.postMessage("started");
