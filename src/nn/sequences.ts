/** Layers of sequences: the entry `chainrule/nn/sequences`. */

export { type AttentionOptions, scaledDotProductAttention } from "./layers/attention.ts";
export { sequences } from "./layers/sequences.ts";
