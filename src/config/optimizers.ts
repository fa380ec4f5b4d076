/** Optimizers as a configuration writes them: the options of each kind, and the optimizer that they make. */

import { z } from "zod";
import type { Description, EvaluatingOptimizer, Optimizer } from "../optim/index.ts";
import type { OptimizerKind } from "../optim/saving.ts";
import { optimizerFrom } from "../optim/saving.ts";
import type { WrapperKind } from "../optim/wrappers.ts";
import { type KindTable, kindUnion, type OutputOf, type WrittenOf, withOptions } from "./kinds.ts";
import { problemsOf } from "./problems.ts";

const learningRate = z.number().positive().optional();
const weightDecay = z.number().min(0).optional();
const share = z.number().min(0).max(1).optional();
const decay = z.number().min(0).lt(1).optional();
const epsilon = z.number().positive().optional();
const atLeastZero = z.number().min(0).optional();
const positive = z.number().positive().optional();
const flag = z.boolean().optional();
const count = z.int().min(1);
/** One number, or one for each parameter's name: u, v and b of quadratic layers. */
const byName = (number: z.ZodNumber) => z.union([number, z.record(z.string(), number)]).optional();

const betas = { learningRate, beta1: decay, beta2: decay } as const;
const adam = { ...betas, epsilon, weightDecay } as const;
const amsgrad = { ...adam, amsgrad: flag } as const;

/** A row for each optimizer; defaults are those of the optimizers' own constructors. */
export const optimizerTable = {
  sgd: { learningRate, momentum: decay, dampening: share, nesterov: flag, weightDecay },
  adam: amsgrad,
  adamW: amsgrad,
  nadam: { ...adam, momentumDecay: atLeastZero, decoupledWeightDecay: flag },
  radam: { ...adam, decoupledWeightDecay: flag },
  adamax: adam,
  adagrad: {
    learningRate,
    learningRateDecay: atLeastZero,
    weightDecay,
    initialSum: atLeastZero,
    epsilon,
  },
  adadelta: { learningRate, decay, epsilon, weightDecay },
  rmsprop: { learningRate, decay, epsilon, weightDecay, momentum: decay, centered: flag },
  rprop: {
    learningRate,
    shrink: z.number().gt(0).lt(1).optional(),
    grow: z.number().gt(1).optional(),
    shortest: atLeastZero,
    longest: positive,
  },
  lion: { ...betas, weightDecay },
  lbfgs: {
    learningRate,
    historySize: count.optional(),
    lineSearch: z.enum(["strongWolfe", "none"]).optional(),
    gradientTolerance: atLeastZero,
    changeTolerance: atLeastZero,
  },
  backpropagation: {
    learningRate: byName(z.number().positive()),
    momentum: byName(z.number().min(0)),
  },
} as const satisfies KindTable & Record<OptimizerKind, object>;

/** Parameters by path: `*.bias`, `0.*`, `u`, or a list of such patterns. */
const pattern = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]);
const clip = { limit: z.number().positive() } as const;
const penalty = { strength: z.number().min(0), parameters: pattern.optional() } as const;

/** A row for each wrapper without what it wraps. */
const plainWrapperTable = {
  accumulate: { steps: count },
  clipByGlobalNorm: clip,
  clipByNorm: clip,
  clipByValue: clip,
  l1: penalty,
  l2: penalty,
  elastic: { ...penalty, ratio: share },
  frobenius: { strength: z.number().min(0) },
  maxNorm: { ...clip, parameters: pattern.optional() },
  lookahead: { steps: count.optional(), rate: share },
  ema: { decay },
  swa: { start: count.optional(), every: count.optional() },
} as const satisfies KindTable & { readonly [Kind in WrapperKind]?: object };

type PlainWrapper = OutputOf<typeof plainWrapperTable>;

/** Other options, or another optimizer, for some of the parameters. */
interface Groups<Inner> {
  readonly kind: "groups";
  readonly groups: readonly {
    readonly parameters: string | readonly string[];
    /** What differs from the options of the wrapped optimizer. */
    readonly options?: Readonly<Record<string, unknown>> | undefined;
    readonly optimizer?: Inner | undefined;
  }[];
  readonly optimizer: Inner;
}

interface Around<Inner> {
  readonly optimizer: Inner;
}

/** An optimizer of a configuration. */
export type OptimizerConfig =
  | OutputOf<typeof optimizerTable>
  | (PlainWrapper & Around<OptimizerConfig>)
  | Groups<OptimizerConfig>;

/** An optimizer as one writes it. */
export type WrittenOptimizer =
  | WrittenOf<typeof optimizerTable>
  | (PlainWrapper & Around<WrittenOptimizer>)
  | Groups<WrittenOptimizer>;

const inner = z.lazy((): z.ZodType<OptimizerConfig> => optimizerSchema);

/** A row for each wrapper: its options, and what it wraps as `optimizer`. */
export const wrapperTable = {
  ...withOptions(plainWrapperTable, { optimizer: inner }),
  groups: {
    groups: z
      .array(
        z.strictObject({
          parameters: pattern,
          options: z.record(z.string(), z.unknown()).optional(),
          optimizer: inner.optional(),
        }),
      )
      .min(1),
    optimizer: inner,
  },
} satisfies Record<WrapperKind, object>;

export const optimizerSchema: z.ZodType<OptimizerConfig> = kindUnion({
  ...optimizerTable,
  ...wrapperTable,
}).superRefine((written, context) => {
  const config = written as OptimizerConfig;
  if (config.kind !== "groups") return;
  const wrapped = innermost(config);
  const schema = z.strictObject(optimizerTable[wrapped]);
  config.groups.forEach(({ options = {} }, i) => {
    const { error } = schema.safeParse(options);
    for (const { message } of error ? problemsOf(error, schema, options) : []) {
      context.addIssue({ code: "custom", path: ["groups", i, "options"], message });
    }
  });
});

/** The kind of the optimizer inside of all wrappers. */
export function innermost(config: OptimizerConfig): OptimizerKind {
  return "optimizer" in config ? innermost(config.optimizer) : config.kind;
}

/** The optimizer of a configuration. @throws UsageError for parts that do not go together */
export function optimizerOfConfig(config: OptimizerConfig): Optimizer | EvaluatingOptimizer {
  return optimizerFrom(described(config));
}

function described({ kind, ...options }: OptimizerConfig): Description {
  if (!("optimizer" in options)) return { kind, options };
  const optimizer = described(options.optimizer);
  if (!("groups" in options)) return { kind, options: { ...options, optimizer } };
  const groups = options.groups.map(({ optimizer: other, ...group }) => ({
    ...group,
    ...(other && { optimizer: described(other) }),
  }));
  return { kind, options: { groups, optimizer } };
}
