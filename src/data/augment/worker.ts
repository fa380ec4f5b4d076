/** Augmentation in a worker: training goes on while the next rows are prepared. */

import { InternalError, UsageError } from "../../util/index.ts";
import type { InputValues } from "../rowValues.ts";
import type { Augmentation, AugmentationOptions, Preparer } from "./augmentation.ts";
import { type AugmentTask, augmentRows, pictureShape } from "./augmentRows.ts";
import type { Fill } from "./sample.ts";
import type { PictureShape, Transform } from "./transform.ts";
import { isBuiltIn, type TransformDescription, transformFrom } from "./transforms.ts";

/** What a worker is told, with each task. */
export interface WorkerRequest {
  readonly id: number;
  readonly task: AugmentTask;
  readonly transforms: readonly TransformDescription[];
  readonly shape: PictureShape;
  readonly fill: Fill;
  readonly seed: number;
}

export interface WorkerAnswer {
  readonly id: number;
  readonly inputs: InputValues;
}

/** A worker as its user sees it, in a browser or in Node.js. */
export interface WorkerConnection {
  /** Sends a message; the memory in `transfer` goes with it. */
  send(message: WorkerRequest, transfer: readonly ArrayBuffer[]): void;
  onAnswer(receive: (answer: WorkerAnswer) => void): void;
  onError(fail: (error: unknown) => void): void;
  end(): void;
}

/** What a worker does with a message. */
export function answerRequest(request: WorkerRequest): WorkerAnswer {
  const { id, task, transforms, shape, fill, seed } = request;
  augmentRows(task, { transforms: transforms.map(transformFrom), shape, fill, seed });
  return { id, inputs: task.inputs };
}

/** An augmentation in a worker; each run has a worker of its own. Gives the same bytes as beside training.
 *
 * @param connect starts a worker
 * @throws UsageError for transforms that are not built in: a worker could not know them
 */
export function augmentationBy(
  connect: () => WorkerConnection,
  transforms: readonly Transform[],
  { fill = "edge" }: AugmentationOptions = {},
): Augmentation {
  const foreign = transforms.find((transform) => !isBuiltIn(transform));
  if (foreign !== undefined) {
    throw new UsageError(
      `Transform ${foreign.kind}: expected a built-in transform for a worker, got one of your own; ` +
        "use augmentation(transforms), which works beside training.",
    );
  }
  const descriptions = transforms.map(({ kind, options }) => ({ kind, options }));
  return {
    transforms,
    fill,
    open: (shape, seed) => {
      const common = {
        transforms: descriptions,
        fill,
        seed,
        shape: pictureShape(shape, transforms),
      };
      return new WorkerPreparer(connect(), common);
    },
  };
}

interface Waiting {
  resolve(inputs: InputValues): void;
  reject(error: unknown): void;
}

class WorkerPreparer implements Preparer {
  readonly #connection: WorkerConnection;
  readonly #common: Omit<WorkerRequest, "id" | "task">;
  readonly #waiting = new Map<number, Waiting>();
  #id = 0;
  #problem: Error | undefined;

  constructor(connection: WorkerConnection, common: Omit<WorkerRequest, "id" | "task">) {
    this.#connection = connection;
    this.#common = common;
    connection.onAnswer(({ id, inputs }) => {
      this.#waiting.get(id)?.resolve(inputs);
      this.#waiting.delete(id);
    });
    connection.onError((cause) => this.#fail("The worker that augments failed", cause));
  }

  prepare(task: AugmentTask): Promise<InputValues> {
    if (this.#problem !== undefined) return Promise.reject(this.#problem);
    const id = this.#id++;
    const answer = new Promise<InputValues>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.#connection.send({ id, task, ...this.#common }, [task.inputs.buffer as ArrayBuffer]);
    return answer;
  }

  close(): void {
    this.#connection.end();
    this.#fail("The worker that augments was closed");
  }

  #fail(what: string, cause?: unknown): void {
    const reason = cause instanceof Error ? `: ${cause.message}` : "";
    this.#problem = new InternalError(`${what}${reason}.`, { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#problem);
    this.#waiting.clear();
  }
}

/** An augmentation in a Web Worker that runs `chainrule/data/augment-worker`.
 *
 * @param start starts the worker, in the words that your bundler knows
 * @example
 * augmentInWebWorker([transforms.shift()], () =>
 *   new Worker(new URL("chainrule/data/augment-worker", import.meta.url), { type: "module" }));
 */
export function augmentInWebWorker(
  transforms: readonly Transform[],
  start: () => Worker,
  options: AugmentationOptions = {},
): Augmentation {
  return augmentationBy(() => webConnection(start()), transforms, options);
}

function webConnection(worker: Worker): WorkerConnection {
  return {
    send: (message, transfer) => worker.postMessage(message, [...transfer]),
    onAnswer: (receive) => {
      worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => receive(data);
    },
    onError: (fail) => {
      worker.onerror = (event) => fail(new Error(event.message));
      worker.onmessageerror = () => fail(new Error("an answer cannot be read"));
    },
    end: () => worker.terminate(),
  };
}
