/** Parameter groups: other options, or another optimizer, for some of the parameters. */

import type { Shape } from "../ir/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { UsageError } from "../util/index.ts";
import type { Optimizer, StepInputs } from "./optimizer.ts";
import { expectMatches, matches, type PathPattern } from "./paths.ts";
import {
  descriptionOf,
  ratesWithin,
  scopedName,
  scopedRates,
  scopedState,
  stateWithin,
} from "./scope.ts";
import type { OptimizerWrapper } from "./wrapper.ts";

/** Some parameters and how they learn. */
export interface ParameterGroup {
  /** `*.bias`, `0.*`, `u`, or several of them; a parameter belongs to the first group that it fits. */
  readonly parameters: PathPattern;
  /** What differs from the options of the wrapped optimizer. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Another optimizer instead of the wrapped one. */
  readonly optimizer?: Optimizer;
}

/** One part of the parameters with its optimizer. */
interface Part {
  /** Scope of its rates and states. */
  readonly name: string;
  readonly optimizer: Optimizer;
  /** Its learning rate for each unit of the whole optimizer's. */
  readonly scale: number;
}

/** The wrapped optimizer for all parameters but those of the groups.
 *
 * Schedules set the learning rate of the wrapped optimizer; those of the groups follow in proportion.
 * @throws UsageError for a pattern that fits no parameter (when the step is built), or a wrapped
 *   optimizer with learning rate 0.
 * @example
 * wrappers.groups([
 *   { parameters: "bias", options: { weightDecay: 0 } },
 *   { parameters: "0.*", options: { learningRate: 0.001 } },
 * ])(optimizers.adamW({ learningRate: 0.01 }));
 */
export function groups(list: readonly ParameterGroup[]): OptimizerWrapper {
  const wrap: OptimizerWrapper = (base) => {
    if (base.rates.learningRate === 0) {
      throw new UsageError(
        "Optimizer groups: expected a learning rate above 0 outside of the groups, got 0; " +
          "give the groups the rate 0 instead.",
      );
    }
    const scaleOf = ({ rates }: Optimizer) => rates.learningRate / base.rates.learningRate;
    const parts: Part[] = list.map(({ optimizer, options = {} }, i) => {
      const own = optimizer ?? base.with(options);
      return { name: `group${i}`, optimizer: own, scale: scaleOf(own) };
    });
    const rest: Part = { name: "rest", optimizer: base, scale: 1 };
    const partOf = (path: string) =>
      parts.find((_, i) => matches(list[i].parameters, path)) ?? rest;
    const divide = <Value>(values: ReadonlyMap<string, Value>) =>
      new Map(
        [...parts, rest].map((part) => [
          part,
          new Map([...values].filter(([path]) => partOf(path) === part)),
        ]),
      );
    const hasRisk = [...parts, rest].some(({ optimizer }) => optimizer.risk !== undefined);
    return {
      kind: "groups",
      options: {
        groups: list.map(({ parameters, optimizer, options }) => ({
          parameters,
          ...(optimizer ? { optimizer: descriptionOf(optimizer) } : { options: options ?? {} }),
        })),
        optimizer: descriptionOf(base),
      },
      rates: {
        learningRate: base.rates.learningRate,
        ...Object.assign(
          {},
          ...[...parts, rest].map(({ name, optimizer }) => scopedRates(name, optimizer.rates)),
          ...parts.map(({ name, scale }) => ({ [scaleName(name)]: scale })),
        ),
      },
      state: (shapes: ReadonlyMap<string, Shape>) => {
        for (const { parameters } of list) expectMatches("groups", parameters, shapes.keys());
        return new Map(
          [...divide(shapes)].flatMap(([{ name, optimizer }, own]) => [
            ...scopedState(name, optimizer.state(own)),
          ]),
        );
      },
      step: (inputs) => {
        const parameters = new Map<string, Tensor>();
        const state = new Map<string, Tensor>();
        for (const [part, own] of divide(inputs.parameters)) {
          if (own.size === 0) continue;
          const result = part.optimizer.step({
            parameters: own,
            gradients: new Map([...own.keys()].map((path) => [path, inputs.gradients.get(path)!])),
            state: stateWithin(part.name, inputs.state),
            rates: ratesOf(part, inputs),
            step: inputs.step,
          });
          for (const [path, value] of result.parameters) parameters.set(path, value);
          for (const [name, value] of scopedState(part.name, result.state)) state.set(name, value);
        }
        // In the order of the inputs, whatever the groups.
        return {
          parameters: new Map(
            [...inputs.parameters.keys()].map((path) => [path, parameters.get(path)!]),
          ),
          state,
        };
      },
      with: (changes) => wrap(base.with(changes)),
      evaluated: (path) => {
        const { name, optimizer } = partOf(path);
        const state = optimizer.evaluated?.(path);
        return state === undefined ? undefined : scopedName(name, state);
      },
      ...(hasRisk && {
        risk: (inputs) => {
          const risks = [...divide(inputs.parameters)].flatMap(([part, own]) => {
            const isConcerned = part.optimizer.risk !== undefined && own.size > 0;
            return isConcerned
              ? [part.optimizer.risk!({ parameters: own, rates: ratesOf(part, inputs) })]
              : [];
          });
          return risks.reduce((sum, risk) => sum.add(risk));
        },
      }),
    };
  };
  return wrap;
}

const scaleName = (part: string) => scopedName(part, "learningRateScale");

function ratesOf(
  { name, scale }: Part,
  { rates }: Pick<StepInputs, "rates">,
): Record<string, Tensor> {
  const within = ratesWithin(name, rates);
  if (scale === 1) return within;
  return { ...within, learningRate: within.learningRate.mul(rates[scaleName(name)]) };
}
