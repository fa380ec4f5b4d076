/** The Web Worker that runs parts of programs: the entry `chainrule/backend/thread`. */

import { greeting, type ThreadMessage, threadBody } from "./threads.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ThreadMessage | typeof greeting>) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;
const answer = threadBody();
scope.onmessage = ({ data }) => {
  if (data === greeting) scope.postMessage(greeting);
  else answer(data);
};
