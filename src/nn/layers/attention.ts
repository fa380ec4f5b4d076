/** Attention: each query's mean of the values, weighted by how well the keys match. */

import type { Shape } from "../../ir/index.ts";
import { arange, type Tensor } from "../../tensor/index.ts";
import { ShapeError, UsageError } from "../../util/index.ts";
import { fanInUniform, glorotUniform, zeros } from "../initializers.ts";
import { defineLayer, type Layer } from "../layer.ts";
import { formatBatch } from "../outputShape.ts";
import { expectWhole, sequenceShape } from "./expect.ts";

export interface AttentionOptions {
  /** Whether position t sees only the positions up to t; default false. */
  readonly causal?: boolean;
  /** Factor of the products q·k; default 1/√width. */
  readonly scale?: number;
}

/** softmax(q·kᵀ·scale)·v: [..., queries, width], [..., keys, width], [..., keys, values] →
 * [..., queries, values]. `mask` (broadcast to [..., queries, keys]) is 0 where a query must not look;
 * a query that may look nowhere gets the mean of all values.
 * Vaswani et al., NeurIPS 2017. */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  { causal = false, scale = query.shape[query.rank - 1] ** -0.5 }: AttentionOptions = {},
  mask?: Tensor,
): Tensor {
  const last = [...key.shape.keys()];
  const swapped = [...last.slice(0, -2), key.rank - 1, key.rank - 2];
  let scores = query.matmul(key.permute(swapped)).mul(scale);
  // Very negative but finite, so that a row without any visible key stays free of NaN.
  const hidden = -1e30;
  if (causal) {
    const position = (length: number) => arange(length, undefined, { dtype: "int32" });
    const [queries, keys] = scores.shape.slice(-2);
    scores = position(queries).reshape([-1, 1]).ge(position(keys)).where(scores, hidden);
  }
  if (mask !== undefined) scores = mask.ne(0).where(scores, hidden);
  return scores.softmax(-1).matmul(value);
}

export interface MultiHeadOptions {
  /** Number of heads; it divides the width. */
  readonly heads: number;
  /** Whether position t sees only the positions up to t; default false. */
  readonly causal?: boolean;
}

/** Width of the sequences, which all have it. */
export function commonWidth(kind: string, inputs: readonly Shape[], heads: number): number {
  expectWhole(kind, "heads", heads);
  const widths = inputs.map((shape) => sequenceShape(kind, shape)[1]);
  const width = widths[0];
  if (widths.some((each) => each !== width)) {
    throw new ShapeError(
      `"${kind}": expected queries, keys and values of one width, got ` +
        `${inputs.map(formatBatch).join(", ")}.`,
    );
  }
  if (width % heads !== 0) {
    throw new UsageError(`"${kind}": expected heads that divide the width ${width}, got ${heads}.`);
  }
  return width;
}

/** PyTorch's parameters: the three maps stacked [3·width, width], Glorot uniform; biases 0. */
export function multiHeadSpecs(width: number) {
  return {
    inputWeight: glorotUniform([3 * width, width]),
    inputBias: zeros([3 * width]),
    outputWeight: fanInUniform([width, width]),
    outputBias: zeros([width]),
  };
}

type MultiHeadTensors = { readonly [Name in keyof ReturnType<typeof multiHeadSpecs>]: Tensor };

export function multiHead(
  { inputWeight, inputBias, outputWeight, outputBias }: MultiHeadTensors,
  inputs: readonly Tensor[],
  { heads, causal }: MultiHeadOptions,
): Tensor {
  const width = outputWeight.shape[0];
  // [batch, time, width] → [batch, heads, time, width / heads]
  const [query, key, value] = inputs.map((x, i) => {
    const rows: [number, number] = [i * width, (i + 1) * width];
    const mapped = x.matmul(inputWeight.slice(rows).T).add(inputBias.slice(rows));
    const [batch, time] = x.shape;
    return mapped.reshape([batch, time, heads, width / heads]).permute([0, 2, 1, 3]);
  });
  const [batch, time] = inputs[0].shape;
  const mixed = scaledDotProductAttention(query, key, value, { causal });
  const joined = mixed.permute([0, 2, 1, 3]).reshape([batch, time, width]);
  return joined.matmul(outputWeight.T).add(outputBias);
}

export const selfAttentionLayer = defineLayer({
  name: "selfAttention",
  parameters: ({ input }, { heads }: MultiHeadOptions) =>
    multiHeadSpecs(commonWidth("selfAttention", [input], heads)),
  forward: (parameters, x, { options }) => multiHead(parameters, [x, x, x], options),
});

/** Attention in several subspaces at once of a sequence to itself: [batch, time, width] → [batch, time, width]. */
export function selfAttention(options: MultiHeadOptions): Layer {
  return selfAttentionLayer(options);
}
