/** The facts that must be the same for a run to go on from a saved state. */

import type { Dataset } from "../data/index.ts";
import type { Network } from "../nn/index.ts";
import type { LearningRate, Schedule } from "../optim/index.ts";
import { UsageError } from "../util/index.ts";
import type { ResolvedOptions } from "./options.ts";
import type { RunFacts } from "./state.ts";

/** What decides the course of a run, besides its state. The number of epochs may change. */
export function factsOf(net: Network, data: Dataset, options: ResolvedOptions): RunFacts {
  const { loss, optimizer, batchSize, shuffle, seed, classWeights, learningRate, augment } =
    options;
  const facts = {
    rows: data.length,
    input: net.input,
    data: fingerprint(data),
    batchSize,
    shuffle,
    seed,
    dtype: net.dtype,
    loss: { kind: loss.kind, options: loss.options },
    optimizer: { kind: optimizer.kind, options: optimizer.options },
    classWeights,
    learningRate: scheduleFacts(learningRate),
    validation: options.validation && fingerprint(options.validation),
    monitor: options.earlyStopping?.monitor,
    augment: augment && { transforms: augment.transforms, fill: augment.fill },
  };
  return JSON.parse(JSON.stringify(facts));
}

/** A schedule as plain data; of a function of one's own nothing is known but that it is one. */
function scheduleFacts(learningRate: LearningRate): Pick<Schedule, "kind"> {
  const { kind = "function", options } = learningRate as Partial<Schedule>;
  return { kind, ...(options && { options }) };
}

/** @throws UsageError that names what differs between a state and the run that is to go on with it. */
export function expectSameFacts(before: RunFacts, now: RunFacts): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const [expected, got] = [before[name], now[name]].map((value) => JSON.stringify(value));
    if (expected === got) continue;
    const hint =
      name === "data" || name === "validation"
        ? "resume with the very rows of the run (same files, split and preprocessing)"
        : `resume with the same ${name}, or start a new run`;
    throw new UsageError(
      `train: resume expected ${name} ${expected ?? "not set"}, as when the state was saved, ` +
        `got ${got ?? "not set"}; ${hint}.`,
    );
  }
}

const mostSamples = 65_536;

/** FNV-1a over the bits of evenly spaced inputs and targets: enough to notice other rows. */
function fingerprint(data: Dataset): string {
  const { packed, targets } = data;
  let hash = 0x811c9dc5;
  const bits = new DataView(new ArrayBuffer(8));
  const add = (length: number, valueAt: (i: number) => number) => {
    const stride = Math.ceil(length / mostSamples);
    for (let i = 0; i < length; i += stride) {
      bits.setFloat64(0, valueAt(i));
      hash = Math.imul(hash ^ bits.getInt32(0), 0x01000193);
      hash = Math.imul(hash ^ bits.getInt32(4), 0x01000193);
    }
  };
  if (packed === undefined) {
    const { inputs } = data;
    add(inputs.length, (i) => inputs[i]);
  } else {
    const { codes, meanings } = packed;
    add(codes.length, (i) => meanings[codes[i]]);
  }
  add(targets.length, (i) => targets[i]);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
