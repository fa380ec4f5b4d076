/** The Web Worker that prepares rows: the entry `chainrule/data/augment-worker`. */

import { answerRequest, type WorkerRequest } from "./worker.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data }) => {
  const answer = answerRequest(data);
  scope.postMessage(answer, [answer.inputs.buffer as ArrayBuffer]);
};
