/** Activations as a configuration writes them: the options of each kind. */

import { z } from "zod";
import type { layers } from "../nn/index.ts";
import type { KindTable } from "./kinds.ts";

const number = z.number().optional();
const positive = z.number().positive().optional();
const none = {} as const;

/** A row for each kind; defaults are those of the activations' own constructors. */
export const activationTable = {
  identity: none,
  step: { straightThrough: z.enum(["identity", "clipped"]).optional() },
  relu: none,
  relu6: none,
  leakyRelu: { slope: number },
  prelu: { shared: z.boolean().optional(), slope: number },
  rrelu: { low: number, high: number },
  elu: { alpha: number },
  celu: { alpha: number },
  selu: none,
  gelu: { approximate: z.enum(["none", "tanh"]).optional() },
  silu: none,
  swish: none,
  hardSwish: none,
  mish: none,
  softplus: { beta: positive, threshold: number },
  softsign: none,
  tanh: none,
  hardTanh: { low: number, high: number },
  sigmoid: none,
  /** PyTorch's line clip(x/6 + ½), or the Taylor form clip(x/4 + ½). */
  hardSigmoid: { form: z.enum(["pytorch", "taylor"]).optional() },
  logSigmoid: none,
  softmax: none,
  logSoftmax: none,
  gumbelSoftmax: { temperature: positive, hard: z.boolean().optional() },
  maxout: { pieces: z.int().min(2).default(2) },
} as const satisfies KindTable & { readonly [Kind in keyof typeof layers]?: object };
