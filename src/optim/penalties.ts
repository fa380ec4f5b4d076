/** Penalties: terms of the loss that keep parameters small. */

import type { Tensor } from "../tensor/index.ts";
import type { EvaluatingOptimizer, Optimizer, StepInputs, Tensors } from "./optimizer.ts";
import { expectMatches, matches, type PathPattern } from "./paths.ts";
import { expectFractions, expectRates } from "./rates.ts";
import { descriptionOf, ratesWithin, scopedRates } from "./scope.ts";
import { type AnyOptimizerWrapper, inside, wrapper } from "./wrapper.ts";

export interface PenaltyOptions {
  /** λ, the factor of the penalty. */
  readonly strength: number;
  /** The penalized parameters; all unless told. */
  readonly parameters?: PathPattern;
}

/** Adds λ·Σ|θ| to the loss: λ·sign(θ) to the gradient (0 at 0).
 *
 * Tibshirani, 1996. @throws UsageError for a negative strength.
 */
export function l1({ strength, parameters = "*" }: PenaltyOptions): AnyOptimizerWrapper {
  expectRates("Optimizer l1", { strength });
  return penalty({
    name: "l1",
    rates: { strength },
    options: { strength, parameters },
    isPenalized: (path) => matches(parameters, path),
    pattern: parameters,
    risk: (parameter, rates) => parameter.abs().sum().mul(rates.strength),
    gradient: (parameter, rates) => parameter.sign().mul(rates.strength),
  });
}

/** Adds λ/2·Σθ² to the loss: λθ to the gradient. What many optimizers call weight decay, for chosen
 * parameters. @throws UsageError for a negative strength. */
export function l2({ strength, parameters = "*" }: PenaltyOptions): AnyOptimizerWrapper {
  expectRates("Optimizer l2", { strength });
  return penalty({
    name: "l2",
    rates: { strength },
    options: { strength, parameters },
    isPenalized: (path) => matches(parameters, path),
    pattern: parameters,
    ...squares,
  });
}

/** The Frobenius risk λ/2·Σ‖W‖²_F over the weight matrices W (all parameters of two axes or more: no
 * biases): λW to their gradients. What reports call L2 regularization.
 *
 * @throws UsageError for a negative strength.
 */
export function frobenius({ strength }: { readonly strength: number }): AnyOptimizerWrapper {
  expectRates("Optimizer frobenius", { strength });
  return penalty({
    name: "frobenius",
    rates: { strength },
    options: { strength },
    isPenalized: (_, parameter) => parameter.rank >= 2,
    ...squares,
  });
}

export interface ElasticOptions extends PenaltyOptions {
  /** ρ, the share of the L1 part, from 0 to 1; ½ unless told. */
  readonly ratio?: number;
}

/** Adds λ·(ρ·Σ|θ| + (1 − ρ)/2·Σθ²) to the loss.
 *
 * Zou and Hastie, 2005. @throws UsageError for a negative strength or a ratio outside [0, 1].
 */
export function elastic(options: ElasticOptions): AnyOptimizerWrapper {
  const { strength, ratio = 0.5, parameters = "*" } = options;
  expectRates("Optimizer elastic", { strength });
  expectFractions("Optimizer elastic", { ratio });
  return penalty({
    name: "elastic",
    rates: { strength, ratio },
    options: { strength, ratio, parameters },
    isPenalized: (path) => matches(parameters, path),
    pattern: parameters,
    risk: (parameter, rates) => {
      const absolute = parameter.abs().sum().mul(rates.ratio);
      const square = parameter.square().sum().mul(rates.ratio.neg().add(1)).mul(0.5);
      return absolute.add(square).mul(rates.strength);
    },
    gradient: (parameter, rates) => {
      const sign = parameter.sign().mul(rates.strength.mul(rates.ratio));
      return sign.add(parameter.mul(rates.strength.mul(rates.ratio.neg().add(1))));
    },
  });
}

type ScalarTensors = Readonly<Record<string, Tensor>>;

/** λ/2·Σθ² and its gradient. */
const squares = {
  risk: (parameter: Tensor, rates: ScalarTensors) =>
    parameter.square().sum().mul(rates.strength).mul(0.5),
  gradient: (parameter: Tensor, rates: ScalarTensors) => parameter.mul(rates.strength),
} as const;

interface Penalty {
  readonly name: string;
  readonly rates: Readonly<Record<string, number>>;
  readonly options: Readonly<Record<string, unknown>>;
  /** Must fit something. */
  readonly pattern?: PathPattern;
  readonly isPenalized: (path: string, parameter: Tensor) => boolean;
  /** The term of one parameter, a scalar. */
  readonly risk: (parameter: Tensor, rates: ScalarTensors) => Tensor;
  /** Its gradient, in the parameter's shape. */
  readonly gradient: (parameter: Tensor, rates: ScalarTensors) => Tensor;
}

function penalty(definition: Penalty): AnyOptimizerWrapper {
  return <Wrapped extends Optimizer | EvaluatingOptimizer>(optimizer: Wrapped) =>
    ("needs" in optimizer
      ? penalizedEvaluating(definition, optimizer)
      : penalized(definition, optimizer)) as Wrapped;
}

function penalized(definition: Penalty, optimizer: Optimizer): Optimizer {
  const { name, options, rates, isPenalized, gradient } = definition;
  const penalizedGradients = ({ gradients, parameters, rates }: StepInputs): Tensors => {
    expectPattern(definition, parameters);
    return new Map(
      [...gradients].map(([path, slope]) => {
        const parameter = parameters.get(path)!;
        const term = isPenalized(path, parameter) ? gradient(parameter, rates) : undefined;
        return [path, term === undefined ? slope : slope.add(term)];
      }),
    );
  };
  const wrapped = wrapper({
    name,
    options,
    rates,
    step: (inputs, inner) => inner({ ...inputs, gradients: penalizedGradients(inputs) }),
  })(optimizer);
  return { ...wrapped, risk: riskOf(definition, optimizer) };
}

function penalizedEvaluating(
  definition: Penalty,
  optimizer: EvaluatingOptimizer,
): EvaluatingOptimizer {
  const { name, options, rates } = definition;
  return {
    ...optimizer,
    kind: name,
    options: { ...options, optimizer: descriptionOf(optimizer) },
    rates: {
      learningRate: optimizer.rates.learningRate,
      ...rates,
      ...scopedRates(inside, optimizer.rates),
    },
    with: (changes) => penalizedEvaluating(definition, optimizer.with(changes)),
    risk: riskOf(definition, optimizer),
  };
}

function riskOf(
  definition: Penalty,
  optimizer: Optimizer | EvaluatingOptimizer,
): NonNullable<Optimizer["risk"]> {
  return ({ parameters, rates }) => {
    expectPattern(definition, parameters);
    const terms = [...parameters]
      .filter(([path, parameter]) => definition.isPenalized(path, parameter))
      .map(([, parameter]) => definition.risk(parameter, rates));
    const others = optimizer.risk?.({ parameters, rates: ratesWithin(inside, rates) });
    return [...terms, ...(others ? [others] : [])].reduce((sum, term) => sum.add(term));
  };
}

function expectPattern({ name, pattern }: Penalty, parameters: Tensors): void {
  if (pattern !== undefined) expectMatches(name, pattern, parameters.keys());
}
