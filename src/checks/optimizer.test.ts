/** Every built-in optimizer and wrapper passes the suite for everyone's; and the suite finds faults. */

import { describe, expect, test } from "vitest";
import {
  defineOptimizer,
  type EvaluatingOptimizer,
  type Optimizer,
  optimizers,
} from "../optim/index.ts";
import { optimizerFrom } from "../optim/saving.ts";
import { variants } from "../optim/variants.ts";
import { chain, defineGradientTransform, wrappers } from "../optim/wrappers.ts";
import { checkOptimizer, optimizerChecks } from "./index.ts";

const adam = optimizers.adam({ learningRate: 0.05 });

const builtIn: readonly (Optimizer | EvaluatingOptimizer)[] = [
  optimizers.sgd({ learningRate: 0.1 }),
  optimizers.sgd({ momentum: 0.9, dampening: 0.1, weightDecay: 0.01 }),
  optimizers.sgd({ momentum: 0.9, nesterov: true }),
  adam,
  optimizers.adam({ amsgrad: true, weightDecay: 0.01 }),
  optimizers.adamW(),
  variants.nadam(),
  variants.radam({ beta2: 0.9 }),
  variants.adamax(),
  variants.adagrad({ learningRateDecay: 0.1 }),
  variants.adadelta(),
  variants.rmsprop(),
  variants.rmsprop({ centered: true, momentum: 0.5, decay: 0.9 }),
  variants.rprop(),
  variants.lion({ learningRate: 0.01, weightDecay: 0.1 }),
  variants.lbfgs(),
  variants.lbfgs({ lineSearch: "none", learningRate: 0.1 }),
  variants.backpropagation({ momentum: 0.5 }),
  variants.backpropagation({ learningRate: { weight: 0.05, bias: 0.2, other: 0.1 } }),
  wrappers.accumulate({ steps: 3 })(adam),
  wrappers.clipByGlobalNorm({ limit: 0.5 })(adam),
  wrappers.clipByNorm({ limit: 0.5 })(adam),
  wrappers.clipByValue({ limit: 0.1 })(adam),
  wrappers.l1({ strength: 0.01 })(adam),
  wrappers.l2({ strength: 0.01, parameters: "weight" })(adam),
  wrappers.elastic({ strength: 0.01 })(variants.lbfgs()),
  wrappers.frobenius({ strength: 0.01 })(adam),
  wrappers.ema({ decay: 0.5 })(adam),
  wrappers.swa({ start: 3, every: 2 })(adam),
  wrappers.lookahead()(adam),
  wrappers.maxNorm({ limit: 1 })(adam),
  wrappers.groups([
    { parameters: "bias", options: { learningRate: 0.01 } },
    { parameters: "0.*", optimizer: optimizers.sgd() },
  ])(adam),
  chain(
    wrappers.clipByGlobalNorm({ limit: 1 }),
    wrappers.ema({ decay: 0.9 }),
    wrappers.lookahead({ steps: 3 }),
    wrappers.lookahead({ steps: 2 }),
    wrappers.l2({ strength: 0.1 }),
    adam,
  ),
];

describe.each(
  builtIn.map((optimizer) => ({
    kind: optimizer.kind,
    title: JSON.stringify(optimizer.options),
    optimizer,
  })),
)("$kind $title", ({ optimizer }) => {
  test.each(optimizerChecks(optimizer, { again: optimizerFrom }))("$name", ({ run }) => run());
});

test("every built-in optimizer and wrapper is here", () => {
  const kinds = new Set(builtIn.map(({ kind }) => kind));
  expect(
    [...Object.keys(optimizers), ...Object.keys(variants), ...Object.keys(wrappers)].filter(
      (kind) => !kinds.has(kind),
    ),
  ).toEqual([]);
});

test("one's own optimizer and gradient transform pass", async () => {
  const signDescent = defineOptimizer({
    name: "signDescent",
    rates: { learningRate: 0.01 },
    update: ({ parameter, gradient, rates }) => ({
      parameter: parameter.sub(gradient.sign().mul(rates.learningRate)),
    }),
  });
  await checkOptimizer(signDescent);
  const halved = defineGradientTransform({
    name: "halved",
    rates: { factor: 0.5 },
    transform: (gradients, { rates }) =>
      new Map([...gradients].map(([path, gradient]) => [path, gradient.mul(rates.factor)])),
  });
  await checkOptimizer(halved(signDescent));
});

describe("faults that the suite finds", () => {
  const rates = { learningRate: 0.01 };

  test("ascent", async () => {
    const ascent = defineOptimizer({
      name: "ascent",
      rates,
      update: ({ parameter, gradient }) => ({ parameter: parameter.add(gradient.mul(0.01)) }),
    });
    await expect(checkOptimizer(ascent)).rejects.toThrow(
      /^checkOptimizer "ascent": 1 of 9 checks failed\.\n- the loss falls on a quadratic bowl: expected a loss below/,
    );
  });

  test("a state that changes outside of the graph", async () => {
    let calls = 0;
    const hidden = defineOptimizer({
      name: "hidden",
      rates,
      update: ({ parameter, gradient }) => ({
        parameter: parameter.sub(gradient.mul(0.01 * ++calls)),
      }),
    });
    await expect(checkOptimizer(hidden)).rejects.toThrow(
      /the same seed gives the same bits: weights on reference: expected the same bits in "0.weight"/,
    );
  });

  test("a missing slot", async () => {
    const forgetful = defineOptimizer({
      name: "forgetful",
      rates,
      slots: ["velocity"],
      update: ({ parameter }) => ({ parameter }),
    });
    await expect(checkOptimizer(forgetful)).rejects.toThrow(
      'Optimizer "forgetful": expected update() to return the next slot "velocity" of "0.weight", got none.',
    );
  });

  test("a parameter of another shape", async () => {
    const summed = defineOptimizer({
      name: "summed",
      rates,
      update: ({ parameter }) => ({ parameter: parameter.sum() }),
    });
    await expect(checkOptimizer(summed)).rejects.toThrow(
      'Optimizer "summed": expected the next parameter "0.weight" as float64[2, 3], got float64[].',
    );
  });
});
