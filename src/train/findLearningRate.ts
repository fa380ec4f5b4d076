/** Finding a learning rate before a run. */

import type { Dataset } from "../data/index.ts";
import type { Network } from "../nn/index.ts";
import { loadOptions } from "./options.ts";
import type { FindLearningRateOptions, LearningRateCurve } from "./rangeTest.ts";
import { TrainingSession } from "./session.ts";

export type {
  FindLearningRateOptions,
  LearningRateCurve,
  LearningRatePoint,
} from "./rangeTest.ts";

/** Trains for some steps with a rate that grows by the same factor each time, from very small to very
 * large, and finds where the loss falls fastest. The network stays as it is.
 *
 * Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017.
 * @throws UsageError for options out of range, or an optimizer without steps on batches.
 * @example
 * const { suggestion } = await findLearningRate(net, fit, { batchSize: 16 });
 * await train(net, fit, { optimizer: optimizers.adam({ learningRate: suggestion }), batchSize: 16 });
 */
export async function findLearningRate(
  net: Network,
  data: Dataset,
  options: FindLearningRateOptions = {},
): Promise<LearningRateCurve> {
  const { rangeTest } = await import("./rangeTest.ts");
  const test = rangeTest(options);
  const session = new TrainingSession(net, data, await loadOptions(net, data, test.options));
  try {
    return await test.run(session);
  } finally {
    session.close();
  }
}
