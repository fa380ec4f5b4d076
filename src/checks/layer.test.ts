/** Every built-in layer and join passes the suite for everyone's; and the suite finds faults. */

import { describe, expect, test } from "vitest";
import { activations } from "../nn/activations.ts";
import { containers } from "../nn/containers.ts";
import { graph, input, join, joins } from "../nn/graph/index.ts";
import { defineJoin, defineLayer, layers, type Part, state, zeros } from "../nn/index.ts";
import { builtInLayers } from "../nn/saving.ts";
import { sequences } from "../nn/sequences.ts";
import { variants } from "../nn/variants.ts";
import type { Generator } from "../util/index.ts";
import { checkLayer, type LayerCheckOptions, layerChecks } from "./index.ts";

/** Between whole numbers, so that central differences stay on one. */
const indices = (generator: Generator) => generator.integer(5) + 0.5;

const [a, b] = [input([3]), input([2])];
const shared = layers.linear(3);
const branching = graph({
  inputs: { a, b },
  outputs: {
    product: join(joins.multiply(), a.to(shared), b.to(layers.linear(3))),
    code: a.to(shared, layers.batchNorm()),
  },
});

const cases: readonly [Part, LayerCheckOptions][] = [
  ...(
    [
      layers.identity(),
      layers.sigmoid(),
      activations.hardSigmoid(),
      activations.hardSigmoid({ form: "taylor" }),
      layers.tanh(),
      activations.hardTanh(),
      activations.softsign(),
      layers.relu(),
      activations.relu6(),
      layers.leakyRelu(),
      activations.prelu(),
      activations.prelu({ shared: false, slope: 0.1 }),
      activations.rrelu(),
      activations.elu({ alpha: 0.7 }),
      activations.celu({ alpha: 0.7 }),
      activations.selu(),
      layers.gelu(),
      layers.gelu({ approximate: "tanh" }),
      activations.softplus({ beta: 2 }),
      layers.silu(),
      activations.mish(),
      activations.logSigmoid(),
      activations.hardSwish(),
      activations.swish(),
      activations.maxout(2),
      layers.softmax(),
      activations.logSoftmax(),
      activations.gumbelSoftmax({ temperature: 0.7 }),
      activations.step(),
      layers.dropout(0.4),
      variants.spatialDropout(0.4),
      layers.flatten(),
      layers.reshape([-1]),
      layers.layerNorm({ axes: 2 }),
      layers.layerNorm({ affine: false }),
      layers.batchNorm(),
      layers.batchNorm({ affine: false, momentum: 0.3 }),
      containers.residual([layers.layerNorm(), layers.gelu()]),
      containers.parallel([layers.tanh(), layers.relu()], joins.maximum()),
      layers.sequential([layers.flatten(), layers.linear(3), layers.tanh(), layers.linear(2)]),
      sequences.rnn(3),
      sequences.rnn(2, { sequence: true, reverse: true, activation: "relu" }),
      sequences.gru(3),
      sequences.gru(2, { sequence: true }),
      sequences.lstm(3, { reverse: true }),
      sequences.lstm(2, { sequence: true }),
      sequences.selfAttention({ heads: 2 }),
      sequences.selfAttention({ heads: 1, causal: true }),
    ] as const
  ).map((layer): [Part, LayerCheckOptions] => [layer, { input: [3, 4] }]),
  [activations.step({ straightThrough: "clipped" }), { input: [4], hasTrueGradient: false }],
  [activations.gumbelSoftmax({ hard: true }), { input: [4], hasTrueGradient: false }],
  [layers.activation((x) => x.mul(x)), { input: [4], kinds: false }],
  [layers.lambda((x) => x.sum(1)), { input: [4], kinds: false }],
  [layers.linear(3), { input: [4] }],
  [layers.linear(2, { bias: false, initializer: "orthogonal" }), { input: [4] }],
  [variants.quadratic(3), { input: [4] }],
  [sequences.embedding(5, 3), { input: [4], draw: indices }],
  [branching, { input: branching.input }],
  [
    joins.concatenate(),
    {
      input: [
        [2, 3],
        [2, 1],
      ],
    },
  ],
  [joins.add(), { input: [[3], [3], [3]] }],
  [joins.multiply(), { input: [[3], [3]] }],
  [joins.maximum(), { input: [[3], [3]] }],
  [
    joins.average(),
    {
      input: [
        [2, 2],
        [2, 2],
      ],
    },
  ],
  [joins.bilinear(2), { input: [[3], [4]] }],
  [
    joins.attention({ causal: true }),
    {
      input: [
        [3, 2],
        [3, 2],
        [3, 4],
      ],
    },
  ],
  [
    joins.multiHeadAttention({ heads: 2 }),
    {
      input: [
        [2, 4],
        [3, 4],
        [3, 4],
      ],
    },
  ],
];

describe.each(
  cases.map(([part, options], i): [string, Part, LayerCheckOptions] => [
    `${part.kind} ${JSON.stringify(part.options)} #${i}`,
    part,
    options,
  ]),
)("%s", (_, part, options) => {
  for (const { name, run } of layerChecks(part, options)) test(name, run);
});

test("no built-in kind is forgotten", () => {
  const checked = new Set(cases.map(([part]) => part.kind));
  // Those of images have a test of their own beside them.
  const elsewhere = /conv|pool|upsample|groupNorm/i;
  const missing = builtInLayers
    .map(({ kind }) => kind)
    .filter((kind) => !checked.has(kind) && !elsewhere.test(kind));
  expect(missing).toEqual([]);
});

describe("finds faults", () => {
  const failing = async (part: Part, options: Partial<LayerCheckOptions> = {}) => {
    const run = checkLayer(part, { input: [3], kinds: false, ...options });
    return run.then(
      () => "nothing",
      (error: Error) => error.message,
    );
  };

  test("rows that depend on each other", async () => {
    const centered = defineLayer({ name: "centered", forward: (_, x) => x.sub(x.mean(0)) });
    expect(await failing(centered({}))).toContain(
      'checkLayer "centered": 1 of 9 checks failed.\n- in use, no row depends on another: row 0 alone',
    );
  });

  test("a gradient that is not the function's", async () => {
    const cut = defineLayer({ name: "cut", forward: (_, x) => x.mul(x.detach()) });
    expect(await failing(cut({}))).toContain(
      "- the gradient equals central differences: gradient of input 0",
    );
  });

  test("values that are not finite", async () => {
    const root = defineLayer({ name: "root", forward: (_, x) => x.sqrt() });
    expect(await failing(root({}))).toContain(
      "- values and gradients are finite: result: expected",
    );
  });

  test("another dtype", async () => {
    const single = defineLayer({ name: "single", forward: (_, x) => x.cast("float32") });
    expect(await failing(single({}))).toContain("result: expected float64, got float32.");
  });

  test("randomness that no key governs", async () => {
    let calls = 0;
    const counting = defineLayer({ name: "counting", forward: (_, x) => x.add(calls++) });
    expect(await failing(counting({}))).toContain("expected the same bits again");
  });

  test("options that JSON loses", async () => {
    const scaled = defineLayer({
      name: "scaled",
      forward: (_, x, { options }: { options: { factor: () => number } }) =>
        x.mul(options.factor()),
    });
    expect(await failing(scaled({ factor: () => 2 }), { kinds: [scaled] })).toContain(
      'Layer "scaled": its option "factor" is not JSON data',
    );
  });

  test("an update of what is not the layer's state", async () => {
    const stray = defineLayer({
      name: "stray",
      parameters: () => ({ mean: state(zeros([3])) }),
      forward: ({ mean }, x, { training, update }) => {
        if (training) update(mean.mul(2), x.mean(0));
        return x.sub(mean);
      },
    });
    expect(await failing(stray({}))).toContain(
      "update: expected one of the layer's state tensors.",
    );
  });

  test("a join that forgets a batch axis", () => {
    const sum = defineJoin({ name: "total", forward: (_, [x, y]) => x.add(y).sum(0) });
    expect(() => layerChecks(sum({}), { input: [[3], [3]] })).toThrow(
      'Join "total": expected a result [batch, ...] for input [batch, 3] and [batch, 3]; ' +
        "with a batch of 2 it gave [3].",
    );
  });
});
