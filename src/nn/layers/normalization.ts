/** Normalization to mean 0 and variance 1: over each sample (layerNorm) or over the batch (batchNorm). */

import type { Tensor } from "../../tensor/index.ts";
import { ShapeError } from "../../util/index.ts";
import { ones, zeros } from "../initializers.ts";
import { defineLayer, type Layer, type LayerContext } from "../layer.ts";
import { formatBatch } from "../outputShape.ts";
import { type ParameterSpec, state } from "../parameter.ts";
import { channelCount, expectWhole } from "./expect.ts";

export interface LayerNormOptions {
  /** How many of a sample's last axes are normalized together; default 1. */
  readonly axes?: number;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** Whether the result is scaled and shifted by learned values; default true. */
  readonly affine?: boolean;
}

/** The learned scale γ (1 at first) and shift β (0 at first). */
function affineSpecs(shape: readonly number[], isAffine: boolean) {
  const specs = isAffine ? { scale: ones(shape), shift: zeros(shape) } : {};
  return specs as { readonly scale: ParameterSpec; readonly shift: ParameterSpec };
}

export const layerNormLayer = defineLayer({
  name: "layerNorm",
  parameters: ({ input }, { axes = 1, affine = true }: LayerNormOptions) => {
    expectWhole("layerNorm", "axes", axes);
    if (axes > input.length) {
      throw new ShapeError(
        `Layer "layerNorm": expected samples of at least ${axes} axes, got ${formatBatch(input)}.`,
      );
    }
    return affineSpecs(input.slice(-axes), affine);
  },
  forward: ({ scale, shift }, x, { options: { axes = 1, epsilon = 1e-5 } }) => {
    const last = Array.from({ length: axes }, (_, i) => i - axes);
    const centered = x.sub(x.mean(last, { keepDims: true }));
    const variance = centered.square().mean(last, { keepDims: true });
    const normal = centered.div(variance.add(epsilon).sqrt());
    return scale === undefined ? normal : normal.mul(scale).add(shift);
  },
});

/** γ·(x − mean)/√(variance + ε) + β with mean and variance over the last axes of each sample.
 * Ba, Kiros, Hinton, 2016. */
export function layerNorm(options: LayerNormOptions = {}): Layer {
  return layerNormLayer(options);
}

export interface BatchNormOptions {
  /** Weight of the newest batch in the running statistics; default 0.1. */
  readonly momentum?: number;
  /** Added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** Whether the result is scaled and shifted by learned values; default true. */
  readonly affine?: boolean;
}

export const batchNormLayer = defineLayer({
  name: "batchNorm",
  parameters: ({ input }, { affine = true }: BatchNormOptions) => {
    const channels = [channelCount("batchNorm", input)];
    return {
      ...affineSpecs(channels, affine),
      runningMean: state(zeros(channels)),
      runningVariance: state(ones(channels)),
    };
  },
  forward: ({ scale, shift, runningMean, runningVariance }, x, details: BatchNormDetails) => {
    const { training, update, options } = details;
    const { momentum = 0.1, epsilon = 1e-5 } = options;
    let mean = runningMean;
    let variance = runningVariance;
    if (training) {
      const others = x.shape.slice(0, -1).map((_, axis) => axis);
      const count = x.size / x.shape[x.rank - 1];
      mean = x.mean(others);
      variance = x.variance(others);
      // The running variance is that of a sample; a batch of one value has none but the population's.
      const unbiased = variance.mul(count > 1 ? count / (count - 1) : 1);
      const blend = (old: Tensor, now: Tensor) => old.mul(1 - momentum).add(now.mul(momentum));
      update(runningMean, blend(runningMean, mean));
      update(runningVariance, blend(runningVariance, unbiased));
    }
    const normal = x.sub(mean).div(variance.add(epsilon).sqrt());
    return scale === undefined ? normal : normal.mul(scale).add(shift);
  },
});

type BatchNormDetails = LayerContext & { readonly options: BatchNormOptions };

/** γ·(x − mean)/√(variance + ε) + β for each channel (the last axis). Mean and variance are
 * those of the batch while training, and else running means of them, which are saved with the weights.
 * Ioffe and Szegedy, ICML 2015. */
export function batchNorm(options: BatchNormOptions = {}): Layer {
  return batchNormLayer(options);
}
