/** Activations with parameters of their own: prelu, and swish with a learned beta. */

import { constant, ones } from "../../initializers.ts";
import { defineLayer, type Layer } from "../../layer.ts";
import { channelCount } from "../expect.ts";
import { leaky } from "./rectifiers.ts";

export interface PreluOptions {
  /** Whether one slope serves all channels; default true. Else each entry of the last axis has its
   * own. */
  readonly shared?: boolean;
  /** The first slope; default 0.25. */
  readonly slope?: number;
}

export const preluLayer = defineLayer({
  name: "prelu",
  parameters: ({ input }, { shared = true, slope = 0.25 }: PreluOptions) => ({
    slope: constant([shared ? 1 : channelCount("prelu", input)], slope),
  }),
  forward: ({ slope }, x) => leaky(x, slope),
});

/** x where x > 0, else a·x with learned slopes a. He, Zhang, Ren, Sun, ICCV 2015. */
export function prelu(options: PreluOptions = {}): Layer {
  return preluLayer(options);
}

export const swishLayer = defineLayer({
  name: "swish",
  parameters: () => ({ beta: ones([1]) }),
  forward: ({ beta }, x) => x.mul(x.mul(beta).sigmoid()),
});

/** x·σ(βx) with a learned β that begins at 1, where it equals `silu`.
 * Ramachandran, Zoph, Le, 2017. */
export function swish(): Layer {
  return swishLayer({});
}
