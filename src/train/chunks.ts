/** The training set a chunk at a time: rows in the order of their steps, changed by the augmentation, and
 * prepared ahead so that training does not wait for them: loaded by runs that augment, or have many rows. */

import { epochOrder } from "../data/batches.ts";
import type { Augmentation, Dataset, InputValues, Preparer } from "../data/index.ts";
import type { TensorData } from "../ir/index.ts";
import { rowBytesOf } from "./large.ts";

/** What the chunks of a run are made from. */
export interface ChunkOptions {
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly epochs: number;
  readonly augment: Augmentation | undefined;
}

/** Rows of some steps in a row. */
export interface Chunk {
  /** Writes the inputs to [chunk.rows, ...inputShape]; the last chunk of an epoch leaves the end as it was. */
  writeInputs(target: TensorData): void;
  /** Writes the targets to [chunk.rows, ...targetShape]. */
  writeTargets(target: TensorData): void;
  /** Gives memory back, for another chunk. */
  release(): void;
}

/** A chunk that is on its way. */
interface Pending {
  readonly epoch: number;
  readonly index: number;
  readonly chunk: Promise<Chunk>;
}

/** Bytes of inputs that a chunk has at most, if it can: small beside the dataset, large beside a message
 * to a worker. */
const largestChunk = 8 * 2 ** 20;

/** Chunks that are prepared ahead of the one in use. */
const chunksAhead = 2;

export class Chunks {
  /** Steps that one chunk serves. */
  readonly steps: number;
  /** Rows that one chunk holds. */
  readonly rows: number;
  readonly #data: Dataset;
  readonly #options: ChunkOptions;
  readonly #perEpoch: number;
  #preparer: Preparer | undefined;
  readonly #pending: Pending[] = [];
  /** Memory of inputs for augmentation. */
  readonly #free: InputValues[] = [];
  #order: { readonly epoch: number; readonly rows: Int32Array } | undefined;

  constructor(data: Dataset, options: ChunkOptions, bytes = largestChunk) {
    const { batchSize } = options;
    this.#data = data;
    this.#options = options;
    const stepsPerEpoch = Math.ceil(data.length / batchSize);
    const steps = Math.floor(bytes / (rowBytesOf(data) * batchSize));
    this.steps = Math.max(1, Math.min(steps, stepsPerEpoch));
    this.rows = Math.min(data.length, this.steps * batchSize);
    this.#perEpoch = Math.ceil(stepsPerEpoch / this.steps);
  }

  /** The chunk `index` (from 0) of an epoch (from 1); the ones that follow are begun. Chunks may be taken
   * in any order; only in their own order are they prepared ahead. */
  async take(epoch: number, index: number): Promise<Chunk> {
    const isNext = this.#pending[0]?.epoch === epoch && this.#pending[0].index === index;
    if (!isNext) {
      this.#pending.length = 0;
      this.#begin(epoch, index);
    }
    const { chunk } = this.#pending.shift()!;
    // Without an augmentation a chunk is only copied: there is nothing to be done ahead.
    const ahead = this.#options.augment === undefined ? 0 : chunksAhead;
    let last: { epoch: number; index: number } = this.#pending.at(-1) ?? { epoch, index };
    while (this.#pending.length < ahead) {
      const isLast = last.index === this.#perEpoch - 1;
      if (isLast && last.epoch === this.#options.epochs) break;
      last = isLast ? { epoch: last.epoch + 1, index: 0 } : { ...last, index: last.index + 1 };
      this.#begin(last.epoch, last.index);
    }
    return chunk;
  }

  /** Ends what is under way. */
  close(): void {
    this.#pending.length = 0;
    this.#preparer?.close();
  }

  #begin(epoch: number, index: number): void {
    const chunk = this.#make(epoch, index);
    // Whoever takes the chunk sees the error; chunks that nobody takes must not end the process.
    chunk.catch(() => {});
    this.#pending.push({ epoch, index, chunk });
  }

  async #make(epoch: number, index: number): Promise<Chunk> {
    const data = this.#data;
    const order = this.#orderOf(epoch);
    const rows = order.slice(index * this.rows, (index + 1) * this.rows);
    const writeTargets = (target: TensorData) => data.writeTargets(rows, target);
    const { augment, seed } = this.#options;
    if (augment === undefined) {
      const writeInputs = (target: TensorData) => data.writeInputs(rows, target);
      return { writeInputs, writeTargets, release: () => {} };
    }
    const inputs = this.#free.pop() ?? this.#allocate();
    data.writeInputs(rows, inputs);
    this.#preparer ??= augment.open(data.inputShape, seed);
    const changed = await this.#preparer.prepare({ epoch, rows, inputs });
    return {
      writeInputs: (target) => target.set(changed),
      writeTargets,
      release: () => this.#free.push(changed),
    };
  }

  #allocate(): InputValues {
    const like = this.#data.packed?.meanings ?? this.#data.inputs;
    const values = this.rows * this.#data.inputSize;
    return like instanceof Float32Array ? new Float32Array(values) : new Float64Array(values);
  }

  #orderOf(epoch: number): Int32Array {
    if (this.#order?.epoch !== epoch) {
      const { seed, shuffle } = this.#options;
      this.#order = { epoch, rows: epochOrder(this.#data.length, { seed, epoch, shuffle }) };
    }
    return this.#order.rows;
  }
}
