/** TensorFlow.js with its cpu or wasm backend. */

import tf from "@tensorflow/tfjs";
import { batchesOf, loadArguments, serve, Unsupported } from "./protocol.mjs";

const backend = process.argv[2];
if (backend === "wasm") await import("@tensorflow/tfjs-backend-wasm");
await tf.setBackend(backend);
await tf.ready();
tf.enableProdMode();

const activations = { relu: tf.relu, sigmoid: tf.sigmoid, tanh: tf.tanh };

/** The model as a function of x, and its variables. */
function build(layers, input) {
  let shape = input;
  const variable = (fanIn, sizes) =>
    tf.variable(tf.randomUniform(sizes, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn)));
  const steps = layers.map((layer) => {
    const [n] = shape;
    switch (layer.kind) {
      case "linear": {
        const [w, b] = [variable(n, [n, layer.units]), variable(n, [layer.units])];
        shape = [layer.units];
        return (x) => tf.add(tf.matMul(x, w), b);
      }
      case "quadratic": {
        const [u, v] = [variable(n, [n, layer.units]), variable(n, [n, layer.units])];
        const b = variable(n, [layer.units]);
        shape = [layer.units];
        return (x) => tf.add(tf.add(tf.matMul(tf.square(x), u), tf.matMul(x, v)), b);
      }
      case "conv2d": {
        const { channels, kernel, padding } = layer;
        const fanIn = shape[2] * kernel * kernel;
        const w = variable(fanIn, [kernel, kernel, shape[2], channels]);
        const b = variable(fanIn, [channels]);
        const less = kernel - 1 - 2 * padding;
        shape = [shape[0] - less, shape[1] - less, channels];
        return (x) => tf.add(tf.conv2d(x, w, 1, padding > 0 ? "same" : "valid"), b);
      }
      case "maxPool2d":
        shape = [Math.floor(shape[0] / layer.size), Math.floor(shape[1] / layer.size), shape[2]];
        return (x) => tf.maxPool(x, layer.size, layer.size, "valid");
      case "batchNorm": {
        const [scale, shift] = [variable(1, [shape[2]]), variable(1, [shape[2]])];
        return (x) => {
          const { mean, variance } = tf.moments(x, [0, 1, 2]);
          return tf.add(
            tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), scale),
            shift,
          );
        };
      }
      case "dropout":
        return (x) => tf.dropout(x, layer.rate);
      case "flatten":
        shape = [shape.reduce((product, size) => product * size, 1)];
        return (x) => tf.reshape(x, [x.shape[0], -1]);
      case "leakyRelu":
        return (x) => tf.leakyRelu(x, layer.slope);
      default:
        return activations[layer.kind];
    }
  });
  return { model: (x) => steps.reduce((value, step) => step(value), x), classes: shape[0] };
}

function prepareTraining(spec) {
  const { layers, optimizer, wholeEpochs } = spec.workload;
  const { learningRate } = optimizer;
  const { model, classes } = build(layers, spec.inputShape);
  const update =
    optimizer.kind === "sgd" ? tf.train.sgd(learningRate) : tf.train.adam(learningRate);
  const batches = batchesOf(spec, wholeEpochs ? Infinity : 16).map(({ x, y, size }) => {
    return {
      x: tf.tensor(x, [size, ...spec.inputShape]),
      y: tf.cast(tf.oneHot(tf.tensor1d(y, "int32"), classes), "float32"),
    };
  });
  let at = 0;
  const train = ({ x, y }) =>
    update.minimize(() => tf.losses.softmaxCrossEntropy(y, model(x)), false);
  if (wholeEpochs) {
    const rows = tf.concat(batches.map(({ x }) => x));
    const labels = tf.concat(batches.map(({ y }) => y));
    const { batchSize } = spec.workload;
    return (steps) => {
      for (let done = 0; done < steps; ) {
        const order = Int32Array.from({ length: rows.shape[0] }, (_, i) => i);
        tf.util.shuffle(order);
        for (let i = 0; i < order.length; i += batchSize, done++) {
          tf.tidy(() => {
            const chosen = tf.tensor1d(order.subarray(i, i + batchSize), "int32");
            train({ x: tf.gather(rows, chosen), y: tf.gather(labels, chosen) });
          });
        }
      }
    };
  }
  return (steps) => {
    for (let i = 0; i < steps; i++) {
      train(batches[at]);
      at = (at + 1) % batches.length;
    }
  };
}

function prepareFunction(spec) {
  const { call, shape } = spec.workload;
  const inputs = loadArguments(spec).map((values) => tf.tensor(values, shape));
  const f = {
    matmul: (a, b) => tf.matMul(a, b),
    elementwise: (x, y) => {
      const wave = tf.mul(tf.square(tf.tanh(tf.add(tf.mul(x, y), 1))), 0.5);
      return tf.mul(tf.minimum(tf.add(tf.sub(x, wave), tf.abs(y)), 4), 0.25);
    },
    softmax: (x) => tf.softmax(x),
  }[call];
  return (calls) => {
    for (let i = 0; i < calls; i++) tf.tidy(() => void f(...inputs));
  };
}

await serve(tf.version.tfjs, (spec) => {
  if (spec.dtype !== "float32") throw new Unsupported("it has no float64");
  return spec.workload.kind === "training" ? prepareTraining(spec) : prepareFunction(spec);
});
