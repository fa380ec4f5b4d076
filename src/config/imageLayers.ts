/** Layers for images and sequences as a configuration writes them: the options of each kind. */

import { z } from "zod";
import { initializers } from "../nn/index.ts";

const length = z.int().min(1);
const width = z.int().min(0);
/** One number for every spatial axis, or one for each. */
const perAxis = <T extends z.ZodType>(number: T) =>
  z.union([number, z.array(number).min(1).max(2)]);
const initializer = z.enum(
  Object.keys(initializers) as [keyof typeof initializers, ...(keyof typeof initializers)[]],
);

const channels = length;
const kernel = perAxis(length);
const stride = perAxis(length).optional();
const dilation = perAxis(length).optional();
const padding = z.union([perAxis(width), z.enum(["same", "valid"])]).optional();
const weights = {
  groups: length.optional(),
  bias: z.boolean().optional(),
  initializer: initializer.optional(),
  biasInitializer: initializer.optional(),
};

const convolution = {
  channels,
  kernel,
  stride,
  padding,
  dilation,
  ...weights,
  algorithm: z.enum(["direct", "im2col"]).optional(),
};
const transposed = {
  channels,
  kernel,
  stride,
  padding: perAxis(width).optional(),
  outputPadding: perAxis(width).optional(),
  dilation,
  ...weights,
};
const pooling = { kernel, stride, padding, dilation };
const averagePooling = { ...pooling, countPadding: z.boolean().optional() };
const adaptive = { size: perAxis(length) };
const rate = z.number().min(0).lt(1);
const epsilon = z.number().positive().optional();
const affine = z.boolean().optional();

/** One schema a kind of layer. Defaults are those of the layers' own constructors. */
export const imageLayerSchemas = {
  conv1d: z.strictObject({ kind: z.literal("conv1d"), ...convolution }),
  conv2d: z.strictObject({ kind: z.literal("conv2d"), ...convolution }),
  convTranspose1d: z.strictObject({ kind: z.literal("convTranspose1d"), ...transposed }),
  convTranspose2d: z.strictObject({ kind: z.literal("convTranspose2d"), ...transposed }),
  maxPool1d: z.strictObject({ kind: z.literal("maxPool1d"), ...pooling }),
  maxPool2d: z.strictObject({ kind: z.literal("maxPool2d"), ...pooling }),
  averagePool1d: z.strictObject({ kind: z.literal("averagePool1d"), ...averagePooling }),
  averagePool2d: z.strictObject({ kind: z.literal("averagePool2d"), ...averagePooling }),
  adaptiveAveragePool1d: z.strictObject({ kind: z.literal("adaptiveAveragePool1d"), ...adaptive }),
  adaptiveAveragePool2d: z.strictObject({ kind: z.literal("adaptiveAveragePool2d"), ...adaptive }),
  globalAveragePool: z.strictObject({ kind: z.literal("globalAveragePool") }),
  globalMaxPool: z.strictObject({ kind: z.literal("globalMaxPool") }),
  upsample: z.strictObject({
    kind: z.literal("upsample"),
    factor: perAxis(length),
    mode: z.enum(["nearest", "linear"]).optional(),
  }),
  batchNorm: z.strictObject({
    kind: z.literal("batchNorm"),
    momentum: z.number().min(0).max(1).optional(),
    epsilon,
    affine,
  }),
  layerNorm: z.strictObject({
    kind: z.literal("layerNorm"),
    axes: length.optional(),
    epsilon,
    affine,
  }),
  groupNorm: z.strictObject({ kind: z.literal("groupNorm"), groups: length, epsilon, affine }),
  dropout: z.strictObject({ kind: z.literal("dropout"), rate: rate.default(0.5) }),
  spatialDropout: z.strictObject({ kind: z.literal("spatialDropout"), rate: rate.default(0.5) }),
  reshape: z.strictObject({
    kind: z.literal("reshape"),
    /** Lengths of a sample's axes; one may be -1. */
    shape: z.array(z.int().min(-1)).min(1),
  }),
};
