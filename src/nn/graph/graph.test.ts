import { describe, expect, test } from "vitest";
import { tensor } from "../../tensor/index.ts";
import { layers, network } from "../index.ts";
import { describeNetwork, networkFrom } from "../saving.ts";
import { graph, input, join, joins } from "./index.ts";

function twins() {
  const left = input([3]);
  const right = input([3]);
  const encode = layers.linear(4);
  const code = left.to(encode);
  const meeting = join(joins.multiply(), code, right.to(encode));
  return graph({
    inputs: { left, right },
    outputs: { same: meeting.to(layers.linear(1), layers.sigmoid()), code },
  });
}

describe("a graph of two inputs, two outputs and a shared layer", () => {
  const model = twins();
  const net = network({ input: model.input, layers: [model], seed: 1, dtype: "float64" });

  test("has one set of parameters for the shared layer", () => {
    expect([...net.specs.keys()]).toEqual([
      "0.linear.weight",
      "0.linear.bias",
      "0.linear_2.weight",
      "0.linear_2.bias",
    ]);
    expect(net.parameterCount).toBe(16 + 5);
  });

  test("computes what its layers compute", async () => {
    const matrix = (path: string) => {
      const { shape } = net.specs.get(path)!;
      return tensor(net.weights.get(path)!, { dtype: "float64", shape });
    };
    const encode = (values: number[]) =>
      tensor([values], { dtype: "float64" })
        .matmul(matrix("0.linear.weight").T)
        .add(matrix("0.linear.bias"));
    const [a, b] = [encode([1, 2, 3]), encode([0, -1, 1])];
    const logit = a.mul(b).matmul(matrix("0.linear_2.weight").T).add(matrix("0.linear_2.bias"));
    const packed = model.pack({ left: [1, 2, 3], right: [0, -1, 1] });
    expect([...packed]).toEqual([1, 2, 3, 0, -1, 1]);
    const { same, code } = model.unpack(await net.predict(packed));
    expect(same.item()).toBeCloseTo(logit.sigmoid().item(), 14);
    code.data.forEach((value, i) => {
      expect(value).toBeCloseTo(a.data[i], 14);
    });
  });

  test("has a summary that says who takes what from whom", () => {
    expect(net.summary()).toBe(
      [
        "Layer (kind)       Output shape  Parameters  Takes",
        "─────────────────────────────────────────────────────────────",
        "input              [batch, 6]             0",
        "linear             [batch, 4]            16  left",
        "linear_1 (linear)  [batch, 4]     as linear  right",
        "multiply           [batch, 4]             0  linear, linear_1",
        "linear_2 (linear)  [batch, 1]             5  multiply",
        "sigmoid            [batch, 1]             0  linear_2",
        "─────────────────────────────────────────────────────────────",
        "Parameters: 21 (168 B, float64)",
      ].join("\n"),
    );
  });

  test("comes back from JSON", async () => {
    const again = networkFrom(JSON.parse(JSON.stringify(describeNetwork(net))));
    expect(again.weights).toEqual(net.weights);
    const x = model.pack({ left: [1, 2, 3, 4, 5, 6], right: [6, 5, 4, 3, 2, 1] });
    expect((await again.predict(x)).data).toEqual((await net.predict(x)).data);
  });
});

test("a graph of one input and one output nests like any layer", async () => {
  const x = input([2, 3]);
  const flat = x.to(layers.flatten());
  const model = graph({
    inputs: { x },
    outputs: { y: join(joins.add(), flat, flat.to(layers.relu())) },
  });
  const net = network({ input: [2, 3], layers: [model, layers.identity()] });
  expect(net.outputShape).toEqual([6]);
  const y = await net.predict(Float64Array.of(-1, 1, -2, 2, -3, 3));
  expect(y.toArray()).toEqual([[-1, 2, -2, 4, -3, 6]]);
});

test("an input that is an output passes through", async () => {
  const [a, b] = [input([1]), input([2])];
  const model = graph({ inputs: { a, b }, outputs: { b, a } });
  const net = network({ input: model.input, layers: [model] });
  expect((await net.predict(Float64Array.of(1, 2, 3))).toArray()).toEqual([[2, 3, 1]]);
});

describe("what does not fit is named", () => {
  test("while the graph is written", () => {
    const a = input([3]);
    expect(() => a.to(layers.reshape([2, 2]))).toThrow("holds 3 values a sample");
    expect(() => join(joins.add(), a, input([4]))).toThrow(
      'Join "add": expected inputs of one shape, got [batch, 3] and [batch, 4]',
    );
    expect(() => join(joins.add())).toThrow('Join "add": expected at least one signal, got none.');
  });

  test("an input that is not listed", () => {
    const [a, b] = [input([3]), input([5])];
    expect(() => graph({ inputs: { a }, outputs: { b: b.to(layers.relu()) } })).toThrow(
      "graph: an output depends on an input of shape [5] that is not among { inputs }; add it there.",
    );
    expect(() => graph({ inputs: {}, outputs: {} })).toThrow(
      "graph: expected at least one input and one output.",
    );
  });

  test("a shared layer with inputs of different shapes", () => {
    const [a, b] = [input([3]), input([5])];
    const shared = layers.linear(2);
    expect(() =>
      graph({ inputs: { a, b }, outputs: { x: a.to(shared), y: b.to(shared) } }),
    ).toThrow(
      'graph: "linear_1" shares its layer with "linear", but its input [batch, 5] needs ' +
        "parameters of other shapes.",
    );
  });

  test("rows that are not whole, or not equally many", () => {
    const model = twins();
    expect(() => model.pack({ left: [1, 2], right: [1, 2, 3] })).toThrow(
      'graph: expected rows of 3 values for input "left", got 2.',
    );
    expect(() => model.pack({ left: [1, 2, 3] })).toThrow(
      'graph: expected rows of 3 values for input "right", got none.',
    );
    expect(() => model.pack({ left: [1, 2, 3], right: [1, 2, 3, 4, 5, 6] })).toThrow(
      "graph: expected equally many rows of every input, got 1, 2.",
    );
    expect(() => network({ input: [7], layers: [model] })).toThrow(
      'Network, layer 0: Layer "graph": expected input [batch, 6], got [batch, 7].',
    );
  });
});
