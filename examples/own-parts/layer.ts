/** A layer of one's own: each unit is a bell around a learned center. */

import { defineLayer, initializers } from "../../src/index.ts";

export const radial = defineLayer({
  name: "radial",
  parameters: ({ input: [n] }, { units }: { units: number }) => ({
    center: initializers.normal([units, n], 1),
    width: initializers.ones([units]),
  }),
  forward: ({ center, width }, x) => {
    const distance = x.expandDims(1).sub(center).square().sum(-1); // [batch, units]
    return distance.mul(width.square()).neg().exp();
  },
});
