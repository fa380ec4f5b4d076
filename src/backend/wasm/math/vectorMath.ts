/** The table of elementary functions and the one way to emit them. */

import type { Expr, FunctionBuilder, Local } from "../assembler/index.ts";
import { type Lanes, type MathOptions, type V, VectorContext, type VLocal } from "./context.ts";
import { erf } from "./erf.ts";
import { exp, expm1, expUpTo0, sigmoid, tanh } from "./exponential.ts";
import { log, log1p, logOfNormal } from "./logarithm.ts";
import { pow } from "./power.ts";
import { trigonometric } from "./trigonometric.ts";

export type MathFunction =
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "tanh"
  | "sigmoid"
  | "erf"
  | "sin"
  | "cos"
  | "pow";

export interface VectorFunction {
  readonly arity: 1 | 2;
  /** Emits the temporaries and returns the value; the locals belong to the caller's scope. */
  readonly emit: (k: VectorContext, ...args: VLocal[]) => V;
  /** The same for arguments that are known to be in a part of the range, where it takes fewer instructions. */
  readonly short?: (k: VectorContext, ...args: VLocal[]) => V;
}

const one = (emit: (k: VectorContext, x: VLocal) => V): VectorFunction => ({ arity: 1, emit });
const two = (emit: (k: VectorContext, x: VLocal, y: VLocal) => V): VectorFunction => ({
  arity: 2,
  emit,
});

/** Every function over its whole range: ±0, ±∞, NaN, subnormal arguments and results. */
export const vectorMath: Readonly<Record<MathFunction, VectorFunction>> = {
  exp: { ...one(exp), short: expUpTo0 },
  expm1: one(expm1),
  log: { ...one(log), short: logOfNormal },
  log1p: one(log1p),
  tanh: one(tanh),
  sigmoid: one(sigmoid),
  erf: one(erf),
  sin: one(trigonometric("sin")),
  cos: one(trigonometric("cos")),
  pow: two(pow),
};

/**
 * Emits a function of vectors and returns its value in a local that the caller owns and releases.
 * Arguments are evaluated once, are not modified, and stay the caller's. All temporaries are
 * released.
 */
export function emitMath(
  f: FunctionBuilder,
  lanes: Lanes,
  name: MathFunction,
  args: readonly Expr<"v128">[],
  options: MathOptions,
): Local<"v128"> {
  const result = f.local("v128");
  f.scoped(() => {
    const held = args.map((arg) => ("index" in arg ? (arg as VLocal) : f.hold(arg)));
    const { emit, short = emit } = vectorMath[name];
    const compute = options.isShort ? short : emit;
    f.set(result, compute(new VectorContext(f, lanes, options), ...held));
  });
  return result;
}
