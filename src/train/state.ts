/** The state of a run between two steps: all that it takes to go on as if nothing had happened.
 *
 * Learning rates, orders of rows, augmentations and dropout masks are functions of the seed and the step,
 * so the state is what steps change (parameters, layers' and optimizer's state, counters, sums) and what
 * the loop remembers.
 */

import type { TensorData } from "../ir/index.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../nn/index.ts";
import { FileError } from "../util/index.ts";
import type { EpochRecord } from "./events.ts";

/** What must be the same when a run goes on; plain JSON data. */
export type RunFacts = Readonly<Record<string, unknown>>;

/** The best epoch so far. */
export interface BestState {
  /** 0 before the first. */
  readonly epoch: number;
  /** The monitored value; smaller is better. */
  readonly value: number;
  /** The network's weights after that epoch, by path. */
  readonly weights?: ReadonlyMap<string, TensorData>;
}

/** Everything that a run needs to go on; plain data and tensors. */
export interface TrainingState {
  readonly facts: RunFacts;
  /** Whole epochs done. */
  readonly epoch: number;
  /** Steps done of the next epoch. */
  readonly stepInEpoch: number;
  /** Steps done, all epochs together. */
  readonly steps: number;
  /** Spent on training so far. */
  readonly seconds: number;
  readonly records: readonly EpochRecord[];
  readonly best: BestState;
  /** Sums of this epoch at its last step event. */
  readonly reported: { readonly weight: number; readonly loss: number };
  /** What steps change, by name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

const format = "chainrule training state 1";
const bestPrefix = "best/";
const statePrefix = "state/";

/** A state as the bytes of a safetensors file: tensors, and the rest as JSON in its header. */
export function encodeTrainingState(state: TrainingState): Uint8Array {
  const { tensors, best, ...rest } = state;
  const { weights, ...bestRest } = best;
  const stored = new Map<string, StoredTensor>();
  for (const [name, tensor] of tensors) stored.set(statePrefix + name, tensor);
  for (const [path, data] of weights ?? []) {
    const dtype = data instanceof Float32Array ? "float32" : "float64";
    stored.set(bestPrefix + path, { dtype, shape: [data.length], data });
  }
  const json = JSON.stringify({ ...rest, best: bestRest }, (_, value) => {
    return typeof value === "number" && !Number.isFinite(value) ? `#${value}` : value;
  });
  return encodeSafetensors({ tensors: stored, metadata: { format, state: json } });
}

/** The state that {@link encodeTrainingState} wrote.
 *
 * @param where names the file in errors
 * @throws FileError for other bytes
 */
export function decodeTrainingState(bytes: Uint8Array, where = "Checkpoint"): TrainingState {
  const { tensors, metadata } = decodeSafetensors(bytes, where);
  if (metadata.format !== format) {
    throw new FileError(
      `${where}: expected the state of a training run ("${format}"), got ` +
        `${metadata.format === undefined ? "other tensors" : `"${metadata.format}"`}; ` +
        "resume from a checkpoint that this version wrote.",
    );
  }
  const { best, ...rest } = JSON.parse(metadata.state, (_, value) => {
    return typeof value === "string" && /^#(NaN|-?Infinity)$/.test(value)
      ? Number(value.slice(1))
      : value;
  });
  const part = (prefix: string) =>
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor] as const);
  const weights = new Map(part(bestPrefix).map(([path, { data }]) => [path, data]));
  return {
    ...rest,
    best: { ...best, ...(weights.size > 0 && { weights }) },
    tensors: new Map(part(statePrefix)),
  };
}
