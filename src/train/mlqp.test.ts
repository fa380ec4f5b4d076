/** Backpropagation in a multi-layer quadratic perceptron against its published formulas, every number by hand.
 *
 * A 2-3-1 network of quadratic units nⱼ = Σᵢ (uⱼᵢxᵢ² + vⱼᵢxᵢ) + bⱼ, y = f(n), f the logistic function, with
 * E = ½(t − y)². The formulas:
 *
 *   δ = (t − y) f′(n) at the output;  δⱼ = f′(nⱼ) Σₖ δₖ(2uₖⱼyⱼ + vₖⱼ) at a hidden unit;  f′(n) = y(1 − y)
 *   Δuⱼᵢ = η_u δⱼxᵢ²,  Δvⱼᵢ = η_v δⱼxᵢ,  Δbⱼ = η_b δⱼ
 *
 * with η_u = 0.5, η_v = 0.4, η_b = 0.3. The numbers below were worked out from these formulas in double
 * precision, without the framework.
 */

import { describe, expect, test } from "vitest";
import { Dataset } from "../data/index.ts";
import { defineLoss, layers, network } from "../nn/index.ts";
import { variants } from "../nn/variants.ts";
import { variants as optimizers } from "../optim/variants.ts";
import { train } from "./index.ts";
import { backends } from "./runs.testing.ts";

/** Paths: layer 0 is the hidden one, layer 2 the output (1 and 3 are the logistic functions). */
type Parameters = Readonly<
  Record<"0.u" | "0.v" | "0.b" | "2.u" | "2.v" | "2.b", readonly number[]>
>;

const start: Parameters = {
  "0.u": [0.1, -0.2, 0.3, 0.05, -0.15, 0.25],
  "0.v": [0.2, -0.1, -0.3, 0.4, 0.1, 0.15],
  "0.b": [0.05, -0.1, 0.2],
  "2.u": [0.3, -0.25, 0.1],
  "2.v": [-0.2, 0.35, 0.4],
  "2.b": [0.15],
};

const samples = new Dataset({
  name: "two rows",
  inputs: Float64Array.of(0.5, -1, -0.8, 0.6),
  inputShape: [2],
  targets: Float64Array.of(1, 0),
});

/** Row 1, x = (0.5, −1), t = 1, at the start:
 *   n = (0.075, −0.525, 0.3125)                y = (0.518741215878, 0.371683811705, 0.577495365186)
 *   n = 0.486879847421                         y = 0.619371129173
 *   δ = 0.089733459371                         δ = (0.002492087463, 0.003440080518, 0.011286577812)
 */
const changeOfRow1: Parameters = {
  "0.u": [
    ...[0.00031151093290871564, 0.0012460437316348626],
    ...[0.0004300100647647508, 0.0017200402590590031],
    ...[0.0014108222264382956, 0.005643288905753182],
  ],
  "0.v": [
    ...[0.000498417492653945, -0.00099683498530789],
    ...[0.0006880161036236013, -0.0013760322072472026],
    ...[0.002257315562301273, -0.004514631124602546],
  ],
  "0.b": [0.0007476262389809176, 0.0010320241554354018, 0.0033859733434519093],
  "2.u": [0.01207329817194549, 0.006198287373255304, 0.014963094587044083],
  "2.v": [0.018619377527576277, 0.013340989686536903, 0.020728262755465944],
  "2.b": [0.026920037811208056],
};

/** Row 2, x = (−0.8, 0.6), t = 0, at the start:
 *   n = (−0.178, 0.59, 0.204)                  y = (0.455617123752, 0.643365145694, 0.550823864967)
 *   n = 0.493521026615                         y = 0.620935544747
 *   δ = −0.146152451755                        δ = (−0.002659688292, −0.000949601105, −0.018447860015)
 */
const changeOfRow2: Parameters = {
  "0.u": [
    ...[-0.0008511002535281214, -0.00047874389260956813],
    ...[-0.0003038723536735184, -0.00017092819894135405],
    ...[-0.005903315204755765, -0.0033206148026751173],
  ],
  "0.v": [
    ...[0.0008511002535281213, -0.000638325190146091],
    ...[0.0003038723536735184, -0.00022790426525513873],
    ...[0.005903315204755765, -0.004427486403566824],
  ],
  "0.b": [-0.0007979064876826136, -0.0002848803315689234, -0.0055343580044585295],
  "2.u": [-0.01516967183080585, -0.030247617197703778, -0.02217183336542727],
  "2.v": [-0.02663582387925997, -0.03761175736687656, -0.032201703340134495],
  "2.b": [-0.04384573552661275],
};

/** Row 2 after the update by row 1 (online):
 *   n = (−0.177601266026, 0.590550412883, 0.205805852450)
 *   y = (0.455716023558, 0.643491426000, 0.551270622320)
 *   n = 0.558797894716                         y = 0.636174350716
 *   δ = −0.147246718002                        δ = (−0.003763795661, −0.001674549604, −0.019941741787)
 */
const changeOfRow2Online: Parameters = {
  "0.u": [
    ...[-0.0012044146115406135, -0.0006774832189915949],
    ...[-0.0005358558733373551, -0.0003014189287522622],
    ...[-0.006381357371942664, -0.003589513521717748],
  ],
  "0.v": [
    ...[0.0012044146115406135, -0.00090331095865546],
    ...[0.000535855873337355, -0.00040189190500301624],
    ...[0.006381357371942663, -0.004786018028956998],
  ],
  "0.b": [-0.001129138698319325, -0.0005023648812537703, -0.005982522536196247],
  "2.u": [-0.015289885257250451, -0.030486049972290496, -0.022374087192907458],
  "2.v": [-0.02684107552397343, -0.03790080021645099, -0.032469115947076604],
  "2.b": [-0.04417401540068041],
};

const halfSquare = defineLoss({
  name: "halfSquare",
  perSample: (prediction, target) => prediction.reshape([-1]).sub(target).square().mul(0.5),
});

function mlqp() {
  const net = network({
    input: [2],
    layers: [variants.quadratic(3), layers.sigmoid(), variants.quadratic(1), layers.sigmoid()],
    dtype: "float64",
  });
  net.setWeights(
    new Map(Object.entries(start).map(([path, values]) => [path, Float64Array.from(values)])),
  );
  return net;
}

describe.each(backends.map((backend) => ({ name: backend.name, backend })))(
  "on $name",
  ({ backend }) => {
    const options = {
      loss: halfSquare,
      optimizer: optimizers.backpropagation({
        learningRate: { u: 0.5, v: 0.4, b: 0.3, other: 0.1 },
      }),
      epochs: 1,
      shuffle: false,
      backend,
    };

    function expectWeights(
      net: ReturnType<typeof mlqp>,
      change: (path: keyof Parameters) => number[],
    ) {
      for (const path of Object.keys(start) as (keyof Parameters)[]) {
        const changes = change(path);
        net.weights.get(path)!.forEach((value, i) => {
          // The numbers above have some 16 digits.
          expect(Math.abs(value - start[path][i] - changes[i]), `${path}[${i}]`).toBeLessThan(
            1e-15,
          );
        });
      }
    }

    test("one row", async () => {
      const net = mlqp();
      await train(net, samples.rows(0, 1), options);
      expectWeights(net, (path) => [...changeOfRow1[path]]);
    });

    test("online: each row with the weights that the one before left", async () => {
      const net = mlqp();
      const { epochs } = await train(net, samples, { ...options, batchSize: 1 });
      expectWeights(net, (path) =>
        changeOfRow1[path].map((value, i) => value + changeOfRow2Online[path][i]),
      );
      const errors = [1 - 0.6193711291726105, 0 - 0.636174350716236];
      const expected = (errors[0] ** 2 + errors[1] ** 2) / 4;
      expect(Math.abs(epochs[0].train.loss - expected)).toBeLessThan(1e-15);
    });

    test("batch: the mean of the rows' changes", async () => {
      const net = mlqp();
      await train(net, samples, { ...options, batchSize: 2 });
      expectWeights(net, (path) =>
        changeOfRow1[path].map((value, i) => (value + changeOfRow2[path][i]) / 2),
      );
    });

    test("momentum adds a share of the last change", async () => {
      const net = mlqp();
      await train(net, samples, {
        ...options,
        optimizer: optimizers.backpropagation({
          learningRate: { u: 0.5, v: 0.4, b: 0.3, other: 0.1 },
          momentum: { u: 0.9, v: 0.5, b: 0.25, other: 0 },
        }),
        batchSize: 1,
      });
      const shares = { u: 0.9, v: 0.5, b: 0.25 };
      expectWeights(net, (path) => {
        const share = shares[path.slice(2) as keyof typeof shares];
        return changeOfRow1[path].map(
          (value, i) => value + changeOfRow2Online[path][i] + share * value,
        );
      });
    });
  },
);
