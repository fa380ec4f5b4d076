/** The worker thread of Node.js that runs parts of programs: what `startThreads` starts. */

import { parentPort } from "node:worker_threads";
import { threadBody } from "./threads.ts";

parentPort?.on("message", threadBody());
