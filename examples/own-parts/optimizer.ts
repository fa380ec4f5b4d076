/** An optimizer of one's own: steps of one size in the direction of a running mean of gradients. */

import { defineOptimizer } from "../../src/index.ts";

export const signMomentum = (learningRate: number) =>
  defineOptimizer({
    name: "signMomentum",
    rates: { learningRate, momentum: 0.8 },
    slots: ["mean"],
    update: ({ parameter, gradient, slots, rates }) => {
      const mean = slots.mean.sub(gradient).mul(rates.momentum).add(gradient);
      return { parameter: parameter.sub(mean.sign().mul(rates.learningRate)), slots: { mean } };
    },
  });
