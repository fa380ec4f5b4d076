/** Attention between sequences: joins of queries, keys and values. */

import { ShapeError } from "../../util/index.ts";
import { defineJoin, type Join } from "../layer.ts";
import {
  type AttentionOptions,
  commonWidth,
  type MultiHeadOptions,
  multiHead,
  multiHeadSpecs,
  scaledDotProductAttention,
} from "./attention.ts";

export const attentionJoin = defineJoin({
  name: "attention",
  forward: (_, xs, { options }: { options: AttentionOptions }) => {
    if (xs.length !== 3 && xs.length !== 4) {
      throw new ShapeError(
        `Join "attention": expected queries, keys, values and perhaps a mask, got ${xs.length} inputs.`,
      );
    }
    const [query, key, value, mask] = xs;
    return scaledDotProductAttention(query, key, value, options, mask);
  },
});

/** `scaledDotProductAttention` of queries [batch, queries, width], keys [batch, keys, width], values
 * [batch, keys, values] and, if given, a mask [batch, queries, keys]. */
export function attention(options: AttentionOptions = {}): Join {
  return attentionJoin(options);
}

export const multiHeadAttentionJoin = defineJoin({
  name: "multiHeadAttention",
  parameters: ({ inputs }, { heads }: MultiHeadOptions) => {
    if (inputs.length !== 3) {
      throw new ShapeError(
        `Join "multiHeadAttention": expected queries, keys and values, got ${inputs.length} inputs.`,
      );
    }
    return multiHeadSpecs(commonWidth("multiHeadAttention", inputs, heads));
  },
  forward: (parameters, xs, { options }) => multiHead(parameters, xs, options),
});

/** Attention in several subspaces at once, of queries, keys and values [batch, time, width]; parameters
 * as in PyTorch's MultiheadAttention. Vaswani et al., NeurIPS 2017. */
export function multiHeadAttention(options: MultiHeadOptions): Join {
  return multiHeadAttentionJoin(options);
}
