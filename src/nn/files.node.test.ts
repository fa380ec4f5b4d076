import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FileError, UsageError } from "../util/index.ts";
import { activations } from "./activations.ts";
import { containers } from "./containers.ts";
import { graph, input, join as joinSignals, joins } from "./graph/index.ts";
import { loadNetwork, loadWeights, saveNetwork } from "./index.node.ts";
import {
  defineActivation,
  defineJoin,
  type Layer,
  layers,
  type Network,
  network,
} from "./index.ts";
import { decodeWeights, describeNetwork, encodeWeights, networkFrom } from "./saving.ts";
import { sequences } from "./sequences.ts";
import { variants } from "./variants.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chainrule-"));
});
afterAll(() => rm(folder, { recursive: true }));

const iris = (seed = 1) =>
  network({ input: [4], layers: [layers.linear(5), layers.relu(), layers.linear(3)], seed });
const rows = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i));

async function expectSame(a: Network, b: Network): Promise<void> {
  expect(describeNetwork(b)).toEqual(describeNetwork(a));
  expect(b.weights).toEqual(a.weights);
  const x = Float64Array.from({ length: 2 * a.input.reduce((p, n) => p * n, 1) }, (_, i) => i % 3);
  expect((await b.predict(x)).data).toEqual((await a.predict(x)).data);
}

describe("save and load", () => {
  test("keep the network: its layers, weights and results", async () => {
    const net = iris();
    net.setWeights(new Map([...net.weights].map(([path, data]) => [path, data.map((w) => w / 3)])));
    const path = join(folder, "deep", "iris");
    await saveNetwork(net, path);
    await expectSame(net, await loadNetwork(path));
    const text = JSON.parse(await readFile(join(path, "network.json"), "utf8"));
    expect(text).toMatchObject({ format: "chainrule-network", version: 1, input: [4], seed: 1 });
  });

  const a = input([3]);
  const b = input([2]);
  const shared = layers.linear(4);
  const model = graph({
    inputs: { a, b },
    outputs: {
      score: joinSignals(
        joins.bilinear(2),
        a.to(shared, activations.prelu()),
        b.to(layers.linear(4)),
      ),
      class: a.to(shared, layers.softmax()),
    },
  });

  const cases: [string, number[], Layer[]][] = [
    [
      "every kind of container",
      [4],
      [
        layers.sequential([layers.linear(4), layers.batchNorm()]),
        containers.residual([layers.linear(4), layers.gelu({ approximate: "tanh" })]),
        containers.parallel([variants.quadratic(2), layers.linear(2)], joins.bilinear(3)),
      ],
    ],
    ["a graph of several inputs and outputs", [...model.input], [model]],
    [
      "sequences",
      [3, 4],
      [sequences.selfAttention({ heads: 2 }), sequences.gru(3), layers.linear(1)],
    ],
  ];
  test.each(cases)("keep %s", async (name, shape, list) => {
    const net = network({ input: shape, layers: list, seed: 3, dtype: "float64" });
    const path = join(folder, name);
    await saveNetwork(net, path);
    await expectSame(net, await loadNetwork(path));
  });

  test("keep the choice of defaults", () => {
    const net = network({ input: [2], layers: [layers.linear(2)], defaults: "keras" });
    expect(networkFrom(JSON.parse(JSON.stringify(describeNetwork(net)))).weights).toEqual(
      net.weights,
    );
  });

  test("take factories of one's own layers and joins", async () => {
    const cube = defineActivation("cube", (x) => x.mul(x).mul(x));
    const difference = defineJoin({ name: "difference", forward: (_, [x, y]) => x.sub(y) });
    const net = network({
      input: [4],
      layers: [cube({}), containers.parallel([layers.linear(2), layers.linear(2)], difference({}))],
      seed: 1,
    });
    const path = join(folder, "own");
    await saveNetwork(net, path);
    await expectSame(net, await loadNetwork(path, { layers: [cube, difference] }));
    await expect(loadNetwork(path)).rejects.toThrow(
      `${path}: unknown kind of layer "cube"; built in are linear, quadratic,`,
    );
    await expect(loadNetwork(path)).rejects.toThrow(
      "Pass the factory of a layer of your own as { layers: [factory] }.",
    );
  });

  test("cannot hold functions", async () => {
    const net = network({ input: [4], layers: [layers.lambda((x) => x.mul(2))] });
    const path = join(folder, "lambda");
    await expect(saveNetwork(net, path)).rejects.toThrow(UsageError);
    await expect(saveNetwork(net, path)).rejects.toThrow(
      'Layer "lambda": its option "function" is not JSON data, so that the network cannot be ' +
        "described or saved; give the layer a name by defineLayer or defineActivation.",
    );
  });
});

describe("files that cannot be used", () => {
  const weightsOf = async (bytes: Uint8Array) => {
    const path = join(folder, "weights.safetensors");
    await writeFile(path, bytes);
    return path;
  };

  test("weights of another network", async () => {
    const other = network({ input: [4], layers: [layers.linear(6), layers.linear(3)] });
    const path = await weightsOf(encodeWeights(other));
    await expect(loadWeights(iris(), path)).rejects.toThrow(
      `${path}: the weights are of another network: "0.weight" has shape [6, 4], expected [5, 4]; ` +
        '"0.bias" has shape [6], expected [5]; "2.weight" is missing; "2.bias" is missing; ' +
        '"1.weight" is not a parameter of the network; "1.bias" is not a parameter of the network.',
    );
  });

  test("truncated weights leave the network as it was", async () => {
    const bytes = encodeWeights(iris());
    const path = await weightsOf(bytes.subarray(0, bytes.length - 4));
    const net = iris(7);
    await expect(loadWeights(net, path)).rejects.toThrow(FileError);
    await expect(loadWeights(net, path)).rejects.toThrow("it may be truncated");
    expect(net.weights).toEqual(iris(7).weights);
  });

  test("weights of another dtype are converted", () => {
    const double = network({ input: [4], layers: iris().layers, seed: 1, dtype: "float64" });
    const single = iris(9);
    decodeWeights(single, encodeWeights(double));
    expect(single.weights.get("0.bias")).toEqual(Float32Array.from(double.weights.get("0.bias")!));
  });

  test("a missing file", async () => {
    const path = join(folder, "nowhere");
    await expect(loadNetwork(path)).rejects.toThrow(
      `Cannot read ${join(path, "network.json")}: ENOENT`,
    );
    await expect(loadNetwork(path)).rejects.toThrow(FileError);
  });

  test("a folder that cannot be made", async () => {
    const path = join(folder, "file");
    await writeFile(path, "");
    await expect(saveNetwork(iris(), path)).rejects.toThrow(
      `Cannot save the network to ${path}: EEXIST`,
    );
  });

  test.each([
    ["no JSON", "{", "not valid JSON:"],
    ["a number", "3", 'expected a JSON object with format "chainrule-network", input, dtype and'],
    ["null", "null", 'expected a JSON object with format "chainrule-network"'],
    [
      "a later version",
      JSON.stringify({ ...describeNetwork(iris()), version: 2 }),
      "expected version 1, got 2; a newer Chainrule wrote it.",
    ],
    [
      "a join where a layer belongs",
      JSON.stringify({ ...describeNetwork(iris()), layers: [{ kind: "add" }] }),
      '"add" takes several inputs; expected a layer of one.',
    ],
  ])("a description that is %s", async (_, text, message) => {
    const path = join(folder, "broken");
    await saveNetwork(iris(), path);
    await writeFile(join(path, "network.json"), text);
    await expect(loadNetwork(path)).rejects.toThrow(FileError);
    await expect(loadNetwork(path)).rejects.toThrow(message);
  });
});

test("a network that was described before layers had options still loads", async () => {
  const net = networkFrom({
    format: "chainrule-network",
    version: 1,
    input: [4],
    dtype: "float32",
    seed: 1,
    layers: [
      { kind: "linear", options: { units: 5 } },
      { kind: "relu" },
      { kind: "linear", options: { units: 3 } },
    ],
  });
  expect((await net.predict(rows)).data).toEqual((await iris().predict(rows)).data);
});
