/** The state of a run as bytes: the entry `chainrule/train/saving`. */

import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "../nn/saving.ts";
import { FileError } from "../util/index.ts";
import type { TrainingState } from "./state.ts";

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
