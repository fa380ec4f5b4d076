/** Layers as a configuration writes them: the options of each kind, and the layer that they make. */

import { z } from "zod";
import { initializers, type Layer, layerFrom, type layers } from "../nn/index.ts";
import { UsageError } from "../util/index.ts";
import { imageLayerSchemas } from "./imageLayers.ts";

const units = z.int().min(1);
const initializer = z.enum(
  Object.keys(initializers) as [keyof typeof initializers, ...(keyof typeof initializers)[]],
);

/** One schema a kind of layer. Defaults are those of the layers' own constructors. */
const schemas = {
  linear: z.strictObject({
    kind: z.literal("linear"),
    /** May be left out in the last linear layer: one unit a class, or a target value. */
    units: units.optional(),
    bias: z.boolean().optional(),
    initializer: initializer.optional(),
    biasInitializer: initializer.optional(),
  }),
  quadratic: z.strictObject({ kind: z.literal("quadratic"), units }),
  relu: z.strictObject({ kind: z.literal("relu") }),
  leakyRelu: z.strictObject({ kind: z.literal("leakyRelu"), slope: z.number().optional() }),
  elu: z.strictObject({ kind: z.literal("elu"), alpha: z.number().optional() }),
  tanh: z.strictObject({ kind: z.literal("tanh") }),
  sigmoid: z.strictObject({ kind: z.literal("sigmoid") }),
  softmax: z.strictObject({ kind: z.literal("softmax") }),
  flatten: z.strictObject({ kind: z.literal("flatten") }),
  ...imageLayerSchemas,
} satisfies { readonly [Kind in keyof typeof layers]?: z.ZodObject };

/** A layer of a configuration. */
export const layerSchema = z.discriminatedUnion("kind", [
  schemas.linear,
  schemas.quadratic,
  schemas.relu,
  schemas.leakyRelu,
  schemas.elu,
  schemas.tanh,
  schemas.sigmoid,
  schemas.softmax,
  schemas.flatten,
  schemas.reshape,
  schemas.conv1d,
  schemas.conv2d,
  schemas.convTranspose1d,
  schemas.convTranspose2d,
  schemas.maxPool1d,
  schemas.maxPool2d,
  schemas.averagePool1d,
  schemas.averagePool2d,
  schemas.adaptiveAveragePool1d,
  schemas.adaptiveAveragePool2d,
  schemas.globalAveragePool,
  schemas.globalMaxPool,
  schemas.upsample,
  schemas.batchNorm,
  schemas.layerNorm,
  schemas.groupNorm,
  schemas.dropout,
  schemas.spatialDropout,
]);

export type LayerConfig = z.output<typeof layerSchema>;

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
    if (config.kind !== "linear") return config;
    if (config.units !== undefined) return { ...config, units: config.units };
    if (i === last) return { ...config, units: outputs };
    throw new UsageError(
      `network.${i}: a linear layer needs its units, such as { "kind": "linear", "units": 16 }; ` +
        "only the last one's follow from the classes.",
    );
  });
}

/** The layer of a complete configuration, whose keys are the kind and the layer's own options. */
export function layerOf({ kind, ...options }: CompleteLayer): Layer {
  return layerFrom({ kind, options });
}
