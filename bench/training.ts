/** Training workloads as steppers: the very session that `train` runs. */

import type { Backend } from "../src/backend/index.ts";
import type { Dataset } from "../src/data/index.ts";
import type { FloatDType } from "../src/ir/index.ts";
import { resolveOptions } from "../src/train/options.ts";
import { TrainingSession } from "../src/train/session.ts";
import { ObservedBackend } from "./backends.ts";
import { loadData } from "./data.ts";
import { workOf } from "./limit.ts";
import type { Stepper } from "./measurement.ts";
import { buildNetwork, buildOptimizer } from "./network.ts";
import type { TrainingWorkload } from "./workloads.ts";

/** Rows of an epoch at least: many where steps are short, for an epoch begins outside of the timed part. */
const leastRows = 12_000;
/** Inputs (values) of an epoch at most: sets that are much larger are trained on in chunks. */
const mostInputs = 6_000_000;

/** The rows of a workload, whole batches of them. */
export function rowsOf({ data, batchSize, wholeEpochs }: TrainingWorkload): Dataset {
  if (wholeEpochs) return loadData(data, 1);
  const most = Math.floor(mostInputs / loadData(data, 1).inputSize);
  const steps = Math.max(16, Math.ceil(Math.min(leastRows, most) / batchSize));
  return loadData(data, steps * batchSize).rows(0, steps * batchSize);
}

export interface TrainingStepper extends Stepper {
  readonly session: TrainingSession;
  readonly codeBytes: number;
}

export function trainingStepper(
  workload: TrainingWorkload,
  dtype: FloatDType,
  backend: Backend,
  data: Dataset = rowsOf(workload),
): TrainingStepper {
  const observed = new ObservedBackend(backend);
  const net = buildNetwork(workload, data.inputShape, dtype);
  const options = resolveOptions(net, data, {
    optimizer: buildOptimizer(workload.optimizer),
    batchSize: workload.batchSize,
    backend: observed,
  });
  const session = new TrainingSession(net, data, options);
  const work = workOf(observed.programs.find(({ name }) => name === "step")!);
  const steps = workload.wholeEpochs ? epochRunner(session) : stepRunner(session);
  return {
    samplesPerStep: workload.batchSize,
    work,
    run: steps,
    session,
    codeBytes: observed.codeBytes,
  };
}

/** Times steps alone: the order of an epoch's rows is written outside of it. */
function stepRunner(session: TrainingSession): (steps: number) => number {
  let epoch = 0;
  let done = session.wholeSteps;
  return (steps) => {
    let milliseconds = 0;
    for (let left = steps; left > 0; ) {
      if (done === session.wholeSteps) {
        session.beginEpoch(++epoch);
        done = 0;
      }
      const count = Math.min(left, session.wholeSteps - done);
      const start = performance.now();
      session.run(done, count);
      milliseconds += performance.now() - start;
      done += count;
      left -= count;
    }
    return milliseconds;
  };
}

/** Times whole epochs, of which it runs as many as hold the steps. */
function epochRunner(session: TrainingSession): (steps: number) => number {
  let epoch = 0;
  return (steps) => {
    const epochs = Math.ceil(steps / session.stepsPerEpoch);
    const start = performance.now();
    for (let i = 0; i < epochs; i++) {
      session.beginEpoch(++epoch);
      session.run(0, session.stepsPerEpoch);
      session.trainMeasures();
    }
    const milliseconds = performance.now() - start;
    return (milliseconds * steps) / (epochs * session.stepsPerEpoch);
  };
}
