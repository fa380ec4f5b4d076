/** Layers for images and sequences as a configuration writes them: the options of each kind. */

import { z } from "zod";
import { initializers, type layers } from "../nn/index.ts";
import type { KindTable } from "./kinds.ts";

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

/** A row for each kind; defaults are those of the layers' own constructors. */
export const imageLayerTable = {
  conv1d: convolution,
  conv2d: convolution,
  convTranspose1d: transposed,
  convTranspose2d: transposed,
  maxPool1d: pooling,
  maxPool2d: pooling,
  averagePool1d: averagePooling,
  averagePool2d: averagePooling,
  adaptiveAveragePool1d: adaptive,
  adaptiveAveragePool2d: adaptive,
  globalAveragePool: {},
  globalMaxPool: {},
  upsample: {
    factor: perAxis(length),
    mode: z.enum(["nearest", "linear"]).optional(),
  },
  batchNorm: {
    momentum: z.number().min(0).max(1).optional(),
    epsilon,
    affine,
  },
  layerNorm: {
    axes: length.optional(),
    epsilon,
    affine,
  },
  groupNorm: { groups: length, epsilon, affine },
  dropout: { rate: rate.default(0.5) },
  spatialDropout: { rate: rate.default(0.5) },
  reshape: {
    /** Lengths of a sample's axes; one may be -1. */
    shape: z.array(z.int().min(-1)).min(1),
  },
} as const satisfies KindTable & { readonly [Kind in keyof typeof layers]?: object };
