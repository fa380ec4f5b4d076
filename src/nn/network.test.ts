import { describe, expect, test } from "vitest";
import { referenceBackend } from "../backend/index.ts";
import { wasmBackend } from "../backend/wasm/index.ts";
import type { TensorData } from "../ir/index.ts";
import { tensor } from "../tensor/index.ts";
import { DataError, Generator, ShapeError, UsageError } from "../util/index.ts";
import {
  defineLayer,
  defineLoss,
  glorotUniform,
  layers,
  network,
  type Samples,
  sequential,
  zeros,
} from "./index.ts";
import { losses } from "./losses/index.ts";
import { variants } from "./variants.ts";

const random = (length: number, seed = 1) => {
  const generator = new Generator(seed);
  return Float64Array.from({ length }, () => generator.normal());
};

function labelled(rows: number, features = 4, classes = 3): Samples {
  return {
    name: "random",
    length: rows,
    inputs: random(rows * features),
    inputShape: [features],
    targets: Int32Array.from({ length: rows }, (_, i) => i % classes),
    targetShape: [],
  };
}

const iris = (dtype: "float32" | "float64" = "float32") =>
  network({
    input: [4],
    layers: [layers.linear(11), layers.relu(), layers.linear(3)],
    seed: 1,
    dtype,
  });

describe("summary", () => {
  test("is the table that Keras users know", () => {
    expect(iris().summary()).toBe(
      [
        "Layer (kind)       Output shape  Parameters",
        "───────────────────────────────────────────",
        "input              [batch, 4]             0",
        "linear             [batch, 11]           55",
        "relu               [batch, 11]            0",
        "linear_1 (linear)  [batch, 3]            36",
        "───────────────────────────────────────────",
        "Parameters: 91 (364 B, float32)",
      ].join("\n"),
    );
  });

  test("separates thousands and tells what is not trained", () => {
    const net = network({ input: [1000], layers: [layers.linear(600), layers.batchNorm()] });
    expect(net.summary()).toContain("linear        [batch, 600]      600,600");
    expect(net.summary()).toContain("Parameters: 603,000 (2.3 MB, float32); not trained: 1,200");
  });
});

describe("a layer of one's own", () => {
  const quadratic = defineLayer({
    name: "quadratic",
    parameters: ({ input: [n] }, { units }: { units: number }) => ({
      u: glorotUniform([units, n]),
      v: glorotUniform([units, n]),
      b: zeros([units]),
    }),
    forward: ({ u, v, b }, x) => x.square().matmul(u.T).add(x.matmul(v.T)).add(b),
  });

  test("works like the built-in one of the same definition", async () => {
    const own = network({ input: [2], layers: [quadratic({ units: 3 })], seed: 4 });
    const builtIn = network({ input: [2], layers: [variants.quadratic(3)], seed: 4 });
    expect(own.weights).toEqual(builtIn.weights);
    const x = random(10);
    expect((await own.predict(x)).data).toEqual((await builtIn.predict(x)).data);
    expect(quadratic.kind).toBe("quadratic");
  });

  test("computes Σ (u x² + v x) + b", async () => {
    const net = network({ input: [2], layers: [quadratic({ units: 1 })], dtype: "float64" });
    net.setWeights(
      new Map([
        ["0.u", Float64Array.of(2, 3)],
        ["0.v", Float64Array.of(5, 7)],
        ["0.b", Float64Array.of(11)],
      ]),
    );
    // 2·1 + 3·4 + 5·1 + 7·2 + 11
    expect((await net.predict(Float64Array.of(1, 2))).toArray()).toEqual([[44]]);
  });
});

describe("sequential", () => {
  test("names parameters by position, to any depth", () => {
    const inner = sequential([layers.linear(5), sequential([layers.tanh(), layers.linear(2)])]);
    const net = network({ input: [3], layers: [inner, layers.linear(1)], seed: 2 });
    expect([...net.specs.keys()]).toEqual([
      "0.0.weight",
      "0.0.bias",
      "0.1.1.weight",
      "0.1.1.bias",
      "1.weight",
      "1.bias",
    ]);
    expect(net.outputShape).toEqual([1]);
    expect(net.layerFacts()[0]).toMatchObject({ name: "sequential", parameterCount: 32 });
  });

  test("gives what its layers in a row give", async () => {
    const list = () => [layers.linear(3), layers.tanh(), layers.linear(2)];
    const flat = network({ input: [4], layers: list(), seed: 1 });
    const nested = network({ input: [4], layers: [sequential(list())], seed: 1 });
    nested.setWeights(new Map([...flat.weights].map(([path, data]) => [`0.${path}`, data])));
    const x = random(12);
    expect((await nested.predict(x)).data).toEqual((await flat.predict(x)).data);
  });
});

describe("what does not fit is named", () => {
  const refuses = (run: () => unknown, kind: new (...args: never[]) => Error, message: string) => {
    expect(run).toThrow(kind);
    expect(run).toThrow(message);
  };

  test("an image before a linear layer", () => {
    refuses(
      () => network({ input: [28, 28], layers: [layers.relu(), layers.linear(10)] }),
      ShapeError,
      'Network, layer 1: Layer "linear": expected input [batch, features], got [batch, 28, 28]; ' +
        "add layers.flatten() before it.",
    );
  });

  test("units that are no count", () => {
    refuses(
      () => network({ input: [4], layers: [layers.linear(2.5)] }),
      UsageError,
      'Layer "linear": expected units to be a whole number from 1, got 2.5.',
    );
  });

  test("no layers, an odd input shape, unknown defaults", () => {
    refuses(
      () => network({ input: [4], layers: [] }),
      UsageError,
      "Network: expected at least one layer, got none.",
    );
    refuses(
      () => network({ input: [4.5], layers: [layers.relu()] }),
      UsageError,
      "Network: expected input to be the shape of one sample, such as [4], got [4.5].",
    );
    refuses(
      () => network({ input: [4], layers: [layers.relu()], defaults: "jax" as never }),
      UsageError,
      'Network: expected defaults "pytorch" or "keras", got "jax".',
    );
  });

  test("a layer that mixes up the batch axis", () => {
    const sum = layers.lambda((x) => x.sum(0));
    refuses(
      () => network({ input: [3], layers: [sum] }),
      ShapeError,
      'Network, layer 0: Layer "lambda": expected a result [batch, ...] for input [batch, 3]; ' +
        "with a batch of 2 it gave [3].",
    );
  });

  test("rows of another length", async () => {
    await expect(iris().predict(new Float64Array(6))).rejects.toThrow(
      "Network: expected rows of 4 values for input [4], got 6 values, which is not a multiple.",
    );
  });

  test("a dataset of another shape", async () => {
    await expect(iris().evaluate(labelled(3, 5))).rejects.toThrow(
      'Dataset "random": its rows have shape [5], the network takes [4].',
    );
  });

  test("a label out of range", async () => {
    const data = labelled(5);
    const run = iris().evaluate({ ...data, targets: Int32Array.of(0, 1, 2, 3, 0) });
    await expect(run).rejects.toThrow(DataError);
    await expect(run).rejects.toThrow(
      'Dataset "random": row 3 has label 3, but the network gives [3]: expected labels from 0 to 2.',
    );
  });

  test("labels for a network that gives no vector", async () => {
    const net = network({ input: [4], layers: [layers.reshape([2, 2])] });
    await expect(net.evaluate(labelled(2))).rejects.toThrow(
      'Dataset "random": its targets are class labels, but the network gives [2, 2]: expected one ' +
        "value for each class; end it with layers.flatten() and layers.linear(classes).",
    );
  });

  test("weights of another network", () => {
    const net = iris();
    const weights = new Map(net.weights);
    weights.delete("0.bias");
    refuses(() => net.setWeights(weights), UsageError, 'Weights: parameter "0.bias" is missing.');
    refuses(
      () => net.setWeights(new Map([...net.weights, ["9.bias", Float32Array.of(1)]])),
      UsageError,
      'Weights: unknown parameter "9.bias"; the network has 0.weight, 0.bias, 2.weight, 2.bias.',
    );
    refuses(
      () => net.setWeights(new Map([...net.weights, ["0.bias", Float32Array.of(1)]])),
      ShapeError,
      'Weights: parameter "0.bias" needs 11 values for shape [11], got 1.',
    );
  });
});

describe("predict and evaluate", () => {
  const backends = { reference: referenceBackend(), wasm: wasmBackend() };

  test.each([
    ["reference", 1],
    ["reference", 7],
    ["reference", 1025],
    ["wasm", 1],
    ["wasm", 7],
    ["wasm", 1024],
    ["wasm", 1025],
  ] as const)("on %s, %i rows at once equal each row alone", async (name, rows) => {
    const net = iris("float64");
    const backend = backends[name];
    const data = labelled(rows);
    const all = await net.predict(data.inputs, { backend });
    expect(all.shape).toEqual([rows, 3]);
    // A product of another height may sum in another order.
    const some = [0, rows >> 1, rows - 1];
    for (const row of some) {
      const one = await net.predict(data.inputs.subarray(row * 4, row * 4 + 4));
      one.data.forEach((value, i) => {
        expect(all.data[row * 3 + i]).toBeCloseTo(value, 14);
      });
    }
    const loss = losses.crossEntropy();
    const perRow = loss.perSample(all, tensor(data.targets, { dtype: "int32" })).data;
    const measures = await net.evaluate(data, { backend });
    const mean = Array.from(perRow).reduce((sum, value) => sum + value, 0) / rows;
    expect(measures.loss).toBeCloseTo(mean, 12);
    const classes = loss.classify(all).data;
    const correct = Array.from(data.targets).filter((label, i) => classes[i] === label).length;
    expect(measures.accuracy).toBe(correct / rows);
  });

  test.each(["reference", "wasm"] as const)(
    "on %s, one pass gives the bits of both",
    async (name) => {
      const net = iris("float32");
      const options = {
        backend: backends[name],
        loss: losses.crossEntropy({ labelSmoothing: 0.1 }),
      };
      const data = labelled(300);
      const { measures, predictions } = await net.evaluateAndPredict(data, options);
      expect(measures).toEqual(await net.evaluate(data, options));
      const apart = await net.predict(data.inputs, options);
      expect(predictions.data).toEqual(apart.data);
      expect(predictions.shape).toEqual([300, 3]);
      const asked: number[] = [];
      const writeInputs = (rows: Int32Array, target: TensorData) => {
        asked.push(...rows);
        rows.forEach((row, i) => {
          target.set(data.inputs.subarray(row * 4, row * 4 + 4), i * 4);
        });
      };
      expect(await net.evaluate({ ...data, writeInputs }, options)).toEqual(measures);
      expect(asked).toEqual(Array.from({ length: 300 }, (_, i) => i));
    },
  );

  test("give nothing for no rows", async () => {
    expect((await iris().predict(new Float64Array(0))).shape).toEqual([0, 3]);
  });

  test("see new weights", async () => {
    const net = iris();
    const x = random(4);
    const before = await net.predict(x);
    net.setWeights(new Map([...net.weights].map(([path, data]) => [path, data.map((w) => 2 * w)])));
    expect((await net.predict(x)).data).not.toEqual(before.data);
    net.reset();
    expect((await net.predict(x)).data).toEqual(before.data);
  });

  test("read outputs as the loss does", async () => {
    const probabilities = await iris("float64").predict(random(8), {
      loss: losses.crossEntropy(),
    });
    expect(probabilities.sum(1).toArray()).toEqual([1, 1].map((one) => expect.closeTo(one, 14)));
  });

  test("tell losses of one name apart", async () => {
    const scaled = (factor: number) =>
      defineLoss({ name: "scaled", perSample: (y) => y.sum(1).mul(0).add(factor) });
    const net = iris();
    expect((await net.evaluate(labelled(3), { loss: scaled(1) })).loss).toBe(1);
    expect((await net.evaluate(labelled(3), { loss: scaled(2) })).loss).toBe(2);
  });

  test("of a single output tell two classes apart", async () => {
    const net = network({ input: [1], layers: [layers.identity()] });
    const data: Samples = {
      name: "signs",
      length: 4,
      inputs: Float64Array.of(-2, 3, 1, -1),
      inputShape: [1],
      targets: Int32Array.of(0, 1, 0, 0),
      targetShape: [],
    };
    const loss = losses.binaryCrossEntropy();
    expect((await net.evaluate(data, { loss })).accuracy).toBe(0.75);
    await expect(net.evaluate(data)).rejects.toThrow(
      'Dataset "signs": row 1 has label 1, but the network gives [1]: expected an output for each ' +
        "class, or losses.binaryCrossEntropy() for two classes.",
    );
  });

  test("weigh classes and leave ignored labels out", async () => {
    const net = network({ input: [2], layers: [layers.identity()], dtype: "float64" });
    const data: Samples = {
      name: "pairs",
      length: 3,
      inputs: Float64Array.of(1, 0, 0, 0, 5, 9),
      inputShape: [2],
      targets: Int32Array.of(0, 1, -1),
      targetShape: [],
    };
    const loss = losses.crossEntropy({ classWeights: [3, 1], ignoreIndex: -1 });
    const measures = await net.evaluate(data, { loss });
    const expected = (3 * Math.log(1 + Math.exp(-1)) + Math.log(2)) / 4;
    expect(measures.loss).toBeCloseTo(expected, 14);
    // The second row is a tie, which the first class wins.
    expect(measures.accuracy).toBe(0.5);
  });

  test("of values give the loss alone", async () => {
    const net = network({ input: [2], layers: [layers.identity()], dtype: "float64" });
    const data: Samples = {
      name: "values",
      length: 2,
      inputs: Float64Array.of(1, 2, 3, 4),
      inputShape: [2],
      targets: Float64Array.of(1, 1, 3, 3),
      targetShape: [2],
    };
    expect(await net.evaluate(data)).toEqual({ loss: 0.5 });
  });
});

test("a prediction is made with the weights of the moment it was asked for", async () => {
  const net = network({ input: [2], layers: [layers.linear(1)], seed: 1 });
  const x = Float32Array.of(1, 2);
  const expected = (await network({ ...net, layers: net.layers }).predict(x)).toArray();
  const early = net.predict(x);
  net.setWeights(new Map([...net.weights].map(([path, values]) => [path, values.map(() => 0)])));
  expect((await early).toArray()).toEqual(expected);
  expect((await net.predict(x)).toArray()).toEqual([[0]]);
});
