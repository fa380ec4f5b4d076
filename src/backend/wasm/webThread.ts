/** The Web Worker that runs parts of programs: the entry `chainrule/backend/thread`. */

import { TeamStatus } from "./teamStatus.ts";
import { type ThreadMessage, threadBody } from "./threadBody.ts";
import type { Greeting } from "./webThreads.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ThreadMessage | Greeting>) => void) | null;
  onmessageerror: (() => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;
let answer: (message: ThreadMessage) => void;
scope.onmessage = ({ data }) => {
  if (data.kind !== "greet") return answer(data);
  const { thread, shared } = data;
  const status = new TeamStatus(shared);
  scope.onmessageerror = () => status.fail(`thread ${thread} could not read a message`);
  answer = threadBody(thread, status);
  scope.postMessage("started");
};
