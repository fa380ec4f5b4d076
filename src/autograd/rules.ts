/** The type of the table of gradient rules, and the rules of ops that have no gradient. */

import type { Node, NodeOf, Op } from "../ir/index.ts";

/** For y = op(x₁, …, xₙ) and ȳ = ∂L/∂y, the nodes x̄ᵢ = ∂L/∂xᵢ in the order of the operands;
 * `undefined`, or a shorter list, where the gradient is zero. */
export type GradientRule<K extends Op> = (
  node: NodeOf<K>,
  outputGradient: Node,
) => readonly (Node | undefined)[];

export type GradientRules<K extends Op = Op> = { readonly [P in K]: GradientRule<P> };

/** It has no operands, or only a random key. */
export const leaf = (): readonly undefined[] => [];

/** Its value jumps and is flat elsewhere, so that its gradient is zero wherever it exists. */
export const piecewiseConstant = (): readonly undefined[] => [];

/** Its result is an int32 or a bool, which do not have gradients. */
export const discrete = (): readonly undefined[] => [];

/** It was asked to have none. */
export const stopped = (): readonly undefined[] => [];
