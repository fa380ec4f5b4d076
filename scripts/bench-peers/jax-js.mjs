/** jax-js with its WebAssembly device: a jitted step. Every use of an array but the last takes `.ref`. */

import { readFileSync } from "node:fs";
import { blockUntilReady, grad, init, jit, lax, nn, numpy as np, tree } from "@jax-js/jax";
import { batchesOf, loadArguments, serve, Unsupported } from "./protocol.mjs";

await init("wasm");
const { version } = JSON.parse(
  readFileSync(new URL("node_modules/@jax-js/jax/package.json", import.meta.url), "utf8"),
);

function build(layers, input) {
  // Its images are [channels, height, width].
  let shape = input.length === 3 ? [input[2], input[0], input[1]] : input;
  let seed = 1;
  const uniform = (fanIn, sizes) => {
    const values = Float32Array.from({ length: sizes.reduce((p, n) => p * n, 1) }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return ((2 * seed) / 2 ** 32 - 1) / Math.sqrt(fanIn);
    });
    return np.array(values).reshape(sizes);
  };
  const parameters = [];
  const functions = layers.map((layer) => {
    const [n] = shape;
    let own = {};
    let f;
    switch (layer.kind) {
      case "linear":
        own = { w: uniform(n, [n, layer.units]), b: uniform(n, [layer.units]) };
        f = ({ w, b }, x) => np.matmul(x, w).add(b);
        shape = [layer.units];
        break;
      case "quadratic":
        own = {
          u: uniform(n, [n, layer.units]),
          v: uniform(n, [n, layer.units]),
          b: uniform(n, [layer.units]),
        };
        f = ({ u, v, b }, x) => np.matmul(np.square(x.ref), u).add(np.matmul(x, v)).add(b);
        shape = [layer.units];
        break;
      case "conv2d": {
        const { channels, kernel, padding } = layer;
        const fanIn = n * kernel * kernel;
        own = {
          w: uniform(fanIn, [channels, n, kernel, kernel]),
          b: uniform(fanIn, [channels, 1, 1]),
        };
        const pad = [padding, padding];
        f = ({ w, b }, x) => lax.convGeneralDilated(x, w, [1, 1], [pad, pad]).add(b);
        shape = [channels, ...shape.slice(1).map((size) => size + 2 * padding - kernel + 1)];
        break;
      }
      case "maxPool2d": {
        const window = [layer.size, layer.size];
        f = (_, x) => lax.reduceWindow(x, np.max, window, window);
        shape = [n, ...shape.slice(1).map((size) => Math.floor(size / layer.size))];
        break;
      }
      case "flatten":
        f = (_, x) => x.reshape([x.shape[0], -1]);
        shape = [shape.reduce((product, size) => product * size, 1)];
        break;
      case "leakyRelu":
        f = (_, x) => nn.leakyRelu(x, layer.slope);
        break;
      case "dropout":
        // A mask of its own would need a key each step; a fixed factor costs less, not more.
        f = (_, x) => x.mul(1);
        break;
      case "relu":
      case "sigmoid":
        f = (_, x) => nn[layer.kind](x);
        break;
      default:
        throw new Unsupported(`no ${layer.kind} was written for it`);
    }
    parameters.push(own);
    return f;
  });
  const model = (all, x) => functions.reduce((value, f, i) => f(all[i], value), x);
  return { parameters, model, classes: shape[0] };
}

function prepareTraining(spec) {
  const { layers, optimizer, wholeEpochs } = spec.workload;
  if (wholeEpochs) throw new Unsupported("its gather has no place in a jitted epoch; see iris-b1");
  const { learningRate: rate } = optimizer;
  const { parameters, model, classes } = build(layers, spec.inputShape);
  const loss = (all, x, y) =>
    nn
      .logSoftmax(model(all, x))
      .mul(y)
      .sum()
      .mul(-1 / x.shape[0]);
  const sgd = jit((all, x, y) =>
    tree.map((p, g) => p.sub(g.mul(rate)), all, grad(loss)(tree.ref(all), x, y)),
  );
  const adam = jit((all, m, v, t, x, y) => {
    const g = grad(loss)(tree.ref(all), x, y);
    const m2 = tree.map((m, g) => m.mul(0.9).add(g.mul(0.1)), m, tree.ref(g));
    const v2 = tree.map((v, g) => v.mul(0.999).add(np.square(g).mul(0.001)), v, g);
    const t2 = t.add(1);
    const scale = (base) =>
      np
        .exp(t2.ref.mul(Math.log(base)))
        .mul(-1)
        .add(1);
    const [scale1, scale2] = [scale(0.9), scale(0.999)];
    const next = tree.map(
      (p, m, v) =>
        p.sub(
          m
            .div(scale1.ref)
            .mul(rate)
            .div(np.sqrt(v.div(scale2.ref)).add(1e-8)),
        ),
      all,
      tree.ref(m2),
      tree.ref(v2),
    );
    scale1.dispose();
    scale2.dispose();
    return [next, m2, v2, t2];
  });
  const batches = batchesOf(spec).map(({ x, y, size }) => {
    const oneHot = new Float32Array(size * classes);
    y.forEach((label, i) => {
      oneHot[i * classes + label] = 1;
    });
    const rows = np.array(x).reshape([size, ...spec.inputShape]);
    return {
      x: spec.inputShape.length === 3 ? np.transpose(rows, [0, 3, 1, 2]) : rows,
      y: np.array(oneHot).reshape([size, classes]),
    };
  });
  const zeros = () => tree.map((p) => np.zerosLike(p), tree.ref(parameters));
  let state = optimizer.kind === "sgd" ? parameters : [parameters, zeros(), zeros(), np.array(0)];
  let at = 0;
  return async (steps) => {
    for (let i = 0; i < steps; i++) {
      const { x, y } = batches[at];
      state = optimizer.kind === "sgd" ? sgd(state, x.ref, y.ref) : adam(...state, x.ref, y.ref);
      at = (at + 1) % batches.length;
    }
    await blockUntilReady(tree.ref(state));
  };
}

function prepareFunction(spec) {
  const { call, shape } = spec.workload;
  const inputs = loadArguments(spec).map((values) => np.array(values).reshape(shape));
  const f = jit(
    {
      matmul: (a, b) => np.matmul(a, b),
      elementwise: (x, y) => {
        const wave = np.square(np.tanh(x.ref.mul(y.ref).add(1))).mul(0.5);
        return np.minimum(x.sub(wave).add(np.abs(y)), 4).mul(0.25);
      },
      softmax: (x) => nn.softmax(x),
    }[call],
  );
  return async (calls) => {
    for (let i = 0; i < calls; i++) {
      const result = f(...inputs.map((input) => input.ref));
      await blockUntilReady(result.ref);
      result.dispose();
    }
  };
}

await serve(version, (spec) => {
  if (spec.dtype !== "float32")
    throw new Unsupported("float64 is left out: it has no vectors for it");
  return spec.workload.kind === "training" ? prepareTraining(spec) : prepareFunction(spec);
});
