/** The embedding: a learned vector for each index. */

import { normal, presets, uniform } from "../initializers.ts";
import { defineLayer, type Layer } from "../layer.ts";
import { expectWhole } from "./expect.ts";

export interface EmbeddingOptions {
  /** Number of indices: 0 … count − 1. An index outside gives zeros. */
  readonly count: number;
  /** Length of each vector. */
  readonly units: number;
}

export const embeddingLayer = defineLayer({
  name: "embedding",
  parameters: (_, { count, units }: EmbeddingOptions) => {
    expectWhole("embedding", "count", count);
    expectWhole("embedding", "units", units);
    const shape = [count, units];
    return { weight: presets({ pytorch: normal(shape, 1), keras: uniform(shape) }) };
  },
  forward: ({ weight }, x) => weight.gather(x.cast("int32")),
});

/** Row x of a table [count, units], N(0, 1) at first: indices [batch, ...any] → [batch, ...any, units].
 * Indices may come as whole numbers of any dtype. Bengio et al., 2003.
 *
 * @example
 * network({ input: [12], layers: [layers.embedding(1000, 16), layers.lstm(32), layers.linear(2)] });
 */
export function embedding(count: number, units: number): Layer {
  return embeddingLayer({ count, units });
}
