/** Normalization to mean 0 and variance 1 over groups of channels of each sample. */

import { ShapeError, UsageError } from "../../util/index.ts";
import { ones, zeros } from "../initializers.ts";
import { defineLayer, type Layer } from "../layer.ts";
import type { ParameterSpec } from "../parameter.ts";
import { expectWhole } from "./expect.ts";

export interface GroupNormOptions {
  /** Number of groups; divides the channels. */
  readonly groups: number;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** Whether the result is scaled and shifted by learned values; default true. */
  readonly affine?: boolean;
}

export const groupNormLayer = defineLayer({
  name: "groupNorm",
  parameters: ({ input }, { groups, affine = true }: GroupNormOptions) => {
    expectWhole("groupNorm", "groups", groups);
    if (input.length === 0) {
      throw new ShapeError(
        'Layer "groupNorm": expected input [batch, ..., channels], got [batch].',
      );
    }
    const channels = input[input.length - 1];
    if (channels % groups !== 0) {
      throw new UsageError(
        `Layer "groupNorm": expected groups that divide the ${channels} channels, got ${groups}.`,
      );
    }
    const specs = affine ? { scale: ones([channels]), shift: zeros([channels]) } : {};
    return specs as { readonly scale: ParameterSpec; readonly shift: ParameterSpec };
  },
  forward: ({ scale, shift }, x, { options: { groups, epsilon = 1e-5 } }) => {
    const channels = x.shape[x.rank - 1];
    const grouped = x.reshape([x.shape[0], -1, groups, channels / groups]);
    const centered = grouped.sub(grouped.mean([1, 3], { keepDims: true }));
    const variance = centered.square().mean([1, 3], { keepDims: true });
    const normal = centered.div(variance.add(epsilon).sqrt()).reshape(x.shape);
    return scale === undefined ? normal : normal.mul(scale).add(shift);
  },
});

/** γ·(x − mean)/√(variance + ε) + β with mean and variance over all elements of a sample whose channels
 * (the last axis) lie in one group: x [batch, ..., channels] → the same. Wu and He, ECCV 2018. With one
 * channel a group it is instance normalization.
 *
 * @throws UsageError when the groups do not divide the channels
 */
export function groupNorm(groups: number, options: Omit<GroupNormOptions, "groups"> = {}): Layer {
  return groupNormLayer({ groups, ...options });
}
