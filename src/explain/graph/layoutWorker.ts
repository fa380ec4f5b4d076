/** The worker that lays graphs out in browsers. */

import { type LayoutInput, layoutHere } from "./layout.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<LayoutInput>) => void;
  postMessage(message: unknown): void;
};

scope.onmessage = async ({ data }) => {
  scope.postMessage(await layoutHere(data));
};
