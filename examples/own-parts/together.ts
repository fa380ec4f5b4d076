/** All parts of one's own at work: learning the sine, and checking each part. */

import { checkLayer, checkLoss, checkOptimizer } from "../../src/checks/index.ts";
import { Dataset, layers, network, train } from "../../src/index.ts";
import { ripple } from "./activation.ts";
import { radial } from "./layer.ts";
import { quantile } from "./loss.ts";
import { shareWithin } from "./metric.ts";
import { signMomentum } from "./optimizer.ts";
import { fading } from "./schedule.ts";

await checkLayer(radial({ units: 3 }), { input: [2], kinds: [radial] });
await checkLayer(ripple({}), { input: [4], kinds: [ripple] });
await checkLoss(quantile(0.5), { output: [2] });
await checkOptimizer(signMomentum(0.01));

const x = Float64Array.from({ length: 200 }, (_, i) => (i - 100) / 30);
const targets = x.map(Math.sin);
const sine = new Dataset({ name: "sine", inputs: x, inputShape: [1], targets });
const net = network({
  input: [1],
  layers: [radial({ units: 20 }), layers.linear(20), ripple({}), layers.linear(1)],
  seed: 1,
});
await train(net, sine, {
  loss: quantile(0.5),
  optimizer: signMomentum(0.01),
  learningRate: fading,
  epochs: 200,
});
export const share = shareWithin(targets, (await net.predict(x)).data, 0.05);
console.log(`${(100 * share).toFixed(0)} % of the predictions lie within 0.05 of the sine.`);
