/** The workloads as data: networks, batches and optimizers that we and every peer build alike. */

/** A layer; every system has its own words for it. */
export type LayerSpec =
  | { readonly kind: "linear"; readonly units: number }
  | { readonly kind: "quadratic"; readonly units: number }
  | { readonly kind: "relu" | "sigmoid" | "tanh" | "flatten" | "batchNorm" }
  | { readonly kind: "leakyRelu"; readonly slope: number }
  /** A square kernel, stride 1, with `padding` zeros around. */
  | {
      readonly kind: "conv2d";
      readonly channels: number;
      readonly kernel: number;
      readonly padding: number;
    }
  /** Square windows that do not overlap. */
  | { readonly kind: "maxPool2d"; readonly size: number }
  | { readonly kind: "dropout"; readonly rate: number };

export interface OptimizerSpec {
  readonly kind: "adam" | "sgd";
  readonly learningRate: number;
}

/** Which rows to train on; see data.ts. */
export type DataSource = "iris" | "spirals" | "digits28" | "images28" | "images32";

/** Steps of training with cross-entropy, on rows that are gathered in a shuffled order. */
export interface TrainingWorkload {
  readonly kind: "training";
  readonly name: string;
  readonly data: DataSource;
  readonly layers: readonly LayerSpec[];
  readonly optimizer: OptimizerSpec;
  readonly batchSize: number;
  /** Whether whole epochs are timed, with all that surrounds the steps. */
  readonly wholeEpochs?: boolean;
  /** Whether it is also run in float64. */
  readonly float64: boolean;
  /** What it must reach at least. */
  readonly bars: Bars;
}

/** On one thread in fast mode and float32, unless said. */
export interface Bars {
  /** Times faster than PyTorch eager. */
  readonly pytorch?: number;
  /** The same, both on two threads. */
  readonly pytorchThreads?: number;
  /** Of the machine's limit with fused multiply-adds. */
  readonly limit?: number;
  /** Of the limit of float64. */
  readonly float64?: number;
  /** Times faster than the fastest of TensorFlow.js' backends and jax-js. */
  readonly javascript?: number;
  /** Times faster than JAX's scanned loop, in either element type. */
  readonly jax?: number;
  /** The time of strict mode as a multiple of fast mode's, at most. */
  readonly strict?: number;
  /** The speed on two threads as a multiple of that on one. */
  readonly threads?: number;
}

/** A function of arrays. */
export interface FunctionWorkload {
  readonly kind: "function";
  readonly name: string;
  readonly call: "matmul" | "elementwise" | "softmax";
  /** Shape of each argument. */
  readonly shape: readonly [number, number];
  readonly float64: boolean;
  readonly bars: Bars;
}

/** The time to a compiled step, from the call to the first result. */
export interface CompileWorkload {
  readonly kind: "compile";
  readonly name: string;
  /** The training workload that is compiled. */
  readonly of: string;
  /** Milliseconds and bytes of WebAssembly it may take. */
  readonly bars: { readonly milliseconds: number; readonly bytes: number };
}

export type Workload = TrainingWorkload | FunctionWorkload | CompileWorkload;

const anyBars: Bars = { strict: 2 };
const trainingBars: Bars = { ...anyBars, javascript: 50 };
const mlpBars: Bars = { ...trainingBars, jax: 1, float64: 0.4 };

const relu = { kind: "relu" } as const;
const linear = (units: number) => ({ kind: "linear", units }) as const;
const adam = { kind: "adam", learningRate: 0.001 } as const;

const iris = {
  kind: "training",
  data: "iris",
  layers: [linear(11), relu, linear(3)],
  optimizer: { kind: "adam", learningRate: 0.01 },
  float64: true,
} as const;

const lenet = {
  kind: "training",
  data: "images28",
  layers: [
    { kind: "conv2d", channels: 6, kernel: 5, padding: 0 },
    relu,
    { kind: "maxPool2d", size: 2 },
    { kind: "conv2d", channels: 16, kernel: 5, padding: 0 },
    relu,
    { kind: "maxPool2d", size: 2 },
    { kind: "flatten" },
    linear(120),
    relu,
    linear(84),
    relu,
    { kind: "dropout", rate: 0.5 },
    linear(10),
  ],
  optimizer: adam,
  float64: false,
} as const;

const matmul = (size: number, bars: Bars = anyBars): FunctionWorkload => ({
  kind: "function",
  name: `matmul-${size}`,
  call: "matmul",
  shape: [size, size],
  float64: true,
  bars,
});

export const workloads: readonly Workload[] = [
  { ...iris, name: "iris-b1", batchSize: 1, bars: { ...mlpBars, pytorch: 1000 } },
  { ...iris, name: "iris-b120", batchSize: 120, bars: { ...mlpBars, pytorch: 150, limit: 0.28 } },
  {
    kind: "training",
    name: "spirals-b300",
    data: "spirals",
    layers: [linear(64), { kind: "leakyRelu", slope: 0.01 }, linear(2)],
    optimizer: { kind: "adam", learningRate: 0.01 },
    batchSize: 300,
    float64: true,
    bars: { ...mlpBars, pytorch: 30, limit: 0.35 },
  },
  {
    kind: "training",
    name: "mnist-mlp30-b10",
    data: "digits28",
    layers: [linear(30), { kind: "sigmoid" }, linear(10)],
    optimizer: { kind: "sgd", learningRate: 0.5 },
    batchSize: 10,
    float64: true,
    bars: { ...mlpBars, pytorch: 10, limit: 0.6 },
  },
  {
    kind: "training",
    name: "mnist-mlp128-b128",
    data: "digits28",
    layers: [linear(128), relu, linear(10)],
    optimizer: adam,
    batchSize: 128,
    float64: true,
    bars: { ...mlpBars, javascript: 10, pytorch: 1.1, pytorchThreads: 1.3, limit: 0.65 },
  },
  {
    kind: "training",
    name: "mlqp-b300",
    data: "spirals",
    layers: [
      { kind: "quadratic", units: 32 },
      { kind: "sigmoid" },
      { kind: "quadratic", units: 2 },
    ],
    optimizer: { kind: "adam", learningRate: 0.01 },
    batchSize: 300,
    float64: true,
    bars: mlpBars,
  },
  { ...lenet, name: "lenet-b4", batchSize: 4, bars: { ...trainingBars, pytorch: 10, limit: 0.6 } },
  {
    ...lenet,
    name: "lenet-b128",
    batchSize: 128,
    bars: { ...trainingBars, pytorch: 2.5, limit: 0.75, threads: 1.6 },
  },
  {
    kind: "training",
    name: "cnn32-b64",
    data: "images32",
    layers: [
      { kind: "conv2d", channels: 32, kernel: 3, padding: 1 },
      { kind: "batchNorm" },
      relu,
      { kind: "maxPool2d", size: 2 },
      { kind: "conv2d", channels: 64, kernel: 3, padding: 1 },
      { kind: "batchNorm" },
      relu,
      { kind: "maxPool2d", size: 2 },
      { kind: "flatten" },
      linear(10),
    ],
    optimizer: adam,
    batchSize: 64,
    float64: false,
    bars: { ...trainingBars, javascript: 10, pytorch: 1, limit: 0.6 },
  },
  matmul(64),
  matmul(256),
  matmul(512, { ...anyBars, limit: 0.8 }),
  matmul(1024),
  {
    kind: "function",
    name: "elementwise",
    call: "elementwise",
    shape: [1000, 1000],
    float64: true,
    bars: anyBars,
  },
  {
    kind: "function",
    name: "softmax",
    call: "softmax",
    shape: [1024, 1024],
    float64: true,
    bars: anyBars,
  },
  { ...iris, name: "iris-epoch", batchSize: 8, wholeEpochs: true, bars: mlpBars },
  {
    kind: "compile",
    name: "compile-iris",
    of: "iris-b120",
    bars: { milliseconds: 10, bytes: 100_000 },
  },
  {
    kind: "compile",
    name: "compile-lenet",
    of: "lenet-b128",
    bars: { milliseconds: 60, bytes: 100_000 },
  },
];

/** The workloads of the given names; a name also stands for those it begins (`matmul`, `compile`).
 * @throws Error for a name that fits none */
export function chooseWorkloads(names: readonly string[]): readonly Workload[] {
  if (names.length === 0) return workloads;
  return names.flatMap((name) => {
    const found = workloads.filter((w) => w.name === name);
    const chosen =
      found.length > 0 ? found : workloads.filter((w) => w.name.startsWith(`${name}-`));
    if (chosen.length === 0) {
      const known = workloads.map((workload) => workload.name).join(", ");
      throw new Error(`bench: expected workloads of ${known}; got "${name}".`);
    }
    return chosen;
  });
}

/** The training workload of a name. */
export function trainingWorkload(name: string): TrainingWorkload {
  return workloads.find((w): w is TrainingWorkload => w.name === name && w.kind === "training")!;
}
