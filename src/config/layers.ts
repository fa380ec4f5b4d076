/** Layers as a configuration writes them: the options of each kind, and the layer that they make. */

import { z } from "zod";
import type { joins } from "../nn/graph/index.ts";
import { initializers, type Layer, type layers } from "../nn/index.ts";
import { type LayerDescription, layerFrom } from "../nn/saving.ts";
import { UsageError } from "../util/index.ts";
import { activationTable } from "./activations.ts";
import { imageLayerTable } from "./imageLayers.ts";
import { type KindTable, kindUnion, type OutputOf, type WrittenOf } from "./kinds.ts";

const units = z.int().min(1);
const flag = z.boolean().optional();
const initializer = z.enum(
  Object.keys(initializers) as [keyof typeof initializers, ...(keyof typeof initializers)[]],
);
const recurrent = { units, sequence: flag, reverse: flag } as const;
const heads = { heads: units, causal: flag } as const;

/** A row for each kind that holds no other layers; defaults are those of the layers' own constructors. */
const plainTable = {
  linear: {
    /** May be left out in the last linear layer: one unit a class, or a target value. */
    units: units.optional(),
    bias: flag,
    initializer: initializer.optional(),
    biasInitializer: initializer.optional(),
  },
  quadratic: { units },
  embedding: { count: units, units },
  rnn: { ...recurrent, activation: z.enum(["tanh", "relu"]).optional() },
  gru: recurrent,
  lstm: recurrent,
  selfAttention: heads,
  flatten: {},
  ...activationTable,
  ...imageLayerTable,
} as const satisfies KindTable;

/** A row for each join, which takes what several layers give. */
export const joinTable = {
  concatenate: { axis: z.int().optional() },
  add: {},
  multiply: {},
  maximum: {},
  average: {},
  bilinear: { units, bias: flag },
  attention: { causal: flag, scale: z.number().positive().optional() },
  multiHeadAttention: heads,
} as const satisfies KindTable & Record<keyof typeof joins, object>;

export type JoinConfig = OutputOf<typeof joinTable>;

/** Layers in their order; `residual` adds what goes in to what comes out. */
interface Chain<Part> {
  readonly kind: "sequential" | "residual";
  readonly layers: readonly Part[];
}

/** Layers with the same input, and what joins their results; `concatenate` unless said. */
interface Parallel<Part, Join> {
  readonly kind: "parallel";
  readonly branches: readonly Part[];
  readonly join?: Join | undefined;
}

/** A network that is not a chain: which part, by its place in `parts`, is called on what. */
interface Graph<Part> {
  readonly kind: "graph";
  /** Shapes of the inputs' samples by name. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly parts: readonly Part[];
  readonly calls: readonly {
    readonly name: string;
    readonly part: number;
    /** Names of inputs, or of calls before. */
    readonly from: readonly string[];
  }[];
  /** Names of calls by names of outputs. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** A layer of a configuration. */
export type LayerConfig =
  | OutputOf<typeof plainTable>
  | Chain<LayerConfig>
  | Parallel<LayerConfig, JoinConfig>
  | Graph<LayerConfig | JoinConfig>;

type WrittenJoin = WrittenOf<typeof joinTable>;

/** A layer as one writes it. */
export type WrittenLayer =
  | WrittenOf<typeof plainTable>
  | Chain<WrittenLayer>
  | Parallel<WrittenLayer, WrittenJoin>
  | Graph<WrittenLayer | WrittenJoin>;

const layer = z.lazy((): z.ZodType<LayerConfig> => layerSchema);
const part = z.lazy((): z.ZodType<LayerConfig | JoinConfig> => partSchema);
const name = z.string().min(1);

export const layerTable = {
  ...plainTable,
  sequential: { layers: z.array(layer).min(1) },
  residual: { layers: z.array(layer).min(1) },
  parallel: { branches: z.array(layer).min(1), join: kindUnion(joinTable).optional() },
  graph: {
    inputs: z.record(name, z.array(units).min(1)),
    parts: z.array(part).min(1),
    calls: z
      .array(z.strictObject({ name, part: z.int().min(0), from: z.array(name).min(1) }))
      .min(1),
    outputs: z.record(name, name),
  },
} as const satisfies KindTable &
  Record<Exclude<keyof typeof layers, "activation" | "lambda">, object>;

export const layerSchema: z.ZodType<LayerConfig> = kindUnion(layerTable);
const partSchema: z.ZodType<LayerConfig | JoinConfig> = kindUnion({ ...layerTable, ...joinTable });

/** A layer whose units are known. */
export type CompleteLayer =
  | Exclude<LayerConfig, { readonly kind: "linear" }>
  | (Extract<LayerConfig, { readonly kind: "linear" }> & { readonly units: number });

/** The layers with the units of the last linear layer filled in, where they were left out.
 *
 * @param outputs values that the network must give for one row: the classes, or the target's values
 * @throws UsageError when other units are missing
 */
export function completeLayers(configs: readonly LayerConfig[], outputs: number): CompleteLayer[] {
  const last = configs.findLastIndex(({ kind }) => kind === "linear");
  return configs.map((config, i) => {
    if (config.kind === "linear" && config.units === undefined && i === last) {
      return { ...config, units: outputs };
    }
    return withUnits(config, `network.${i}`);
  });
}

/** The layer, all of whose units are known. @throws UsageError when some are missing */
function withUnits(config: LayerConfig | JoinConfig, where: string): CompleteLayer {
  if (config.kind === "linear") {
    if (config.units !== undefined) return { ...config, units: config.units };
    throw new UsageError(
      `${where}: a linear layer needs its units, such as { "kind": "linear", "units": 16 }; ` +
        "only the last one's follow from the classes.",
    );
  }
  const [key, inner] = innerParts(config);
  inner.forEach((part, i) => {
    withUnits(part, `${where}.${key}.${i}`);
  });
  return config as CompleteLayer;
}

/** What a layer holds, and under which key. */
function innerParts(
  config: LayerConfig | JoinConfig,
): readonly [key: string, parts: readonly (LayerConfig | JoinConfig)[]] {
  if ("layers" in config) return ["layers", config.layers];
  if ("branches" in config) return ["branches", config.branches];
  return "parts" in config ? ["parts", config.parts] : ["", []];
}

/** The layer of a complete configuration, whose keys are the kind and the layer's own options. */
export function layerOf(config: CompleteLayer): Layer {
  return layerFrom(described(config));
}

function described(config: LayerConfig | JoinConfig): LayerDescription {
  const children = innerParts(config)[1].map(described);
  if (config.kind === "parallel") {
    const join = described(config.join ?? { kind: "concatenate" });
    return { kind: "parallel", children: [...children, join] };
  }
  if (config.kind === "graph") {
    const { kind, parts: _, ...options } = config;
    return { kind, options, children };
  }
  if ("layers" in config) return { kind: config.kind, children };
  const { kind, ...options } = config;
  return { kind, options };
}
