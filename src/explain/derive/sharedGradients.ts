/** Gradients of parameters that several calls share: each use gives a part, and the parts add up. */

import type { ExplainedCall } from "../calls.ts";
import {
  add,
  at,
  type Equation,
  equation,
  type MathSymbol,
  partial,
  symbol,
  targetOf,
} from "../math/index.ts";
import { words } from "../words.ts";
import { type Line, type LineGroup, line } from "./derivation.ts";
import type { Site } from "./site.ts";
import { type Stage, stageTitle } from "./stages.ts";

/** A call and its stage. */
export interface PlacedCall {
  readonly call: ExplainedCall;
  readonly stage: Stage;
}

/** The gradients of the parameters; those of a shared layer are summed over its uses. */
export function sharedGradients(
  site: Site,
  placed: readonly PlacedCall[],
): { readonly groups: readonly LineGroup[]; readonly quantities: readonly MathSymbol[] } {
  const uses = new Map<string, PlacedCall[]>();
  for (const each of placed) {
    const { parameters } = each.call;
    uses.set(parameters, [...(uses.get(parameters) ?? []), each]);
  }
  const quantities: MathSymbol[] = [];
  const groups = placed.flatMap((each): LineGroup[] => {
    const { stage, call } = each;
    const { parameterGradients, parameters } = stage.operation;
    if (parameterGradients.length === 0) return [];
    const all = uses.get(call.parameters)!;
    if (all.length === 1) return [{ title: stageTitle(stage), lines: parameterGradients }];
    const partOf = (parameter: MathSymbol, { label }: Site): MathSymbol => ({
      key: `${label}.part.${parameter.key}`,
      letter: "G",
      layer: label,
      mark: parameter.letter,
      shape: parameter.shape,
      meaning: words(
        `part of ∂C/∂${parameter.letter} from layer ${label}`,
        `∂C/∂${parameter.letter} 中来自第 ${label} 层的部分`,
      ),
    });
    const own = parameters.map((parameter) => parameter.symbol);
    quantities.push(...own.map((parameter) => partOf(parameter, stage.site)));
    const lines = parameterGradients.map((each) =>
      retargeted(each, (key) => {
        const parameter = own.find((s) => s.key === key);
        return parameter && partOf(parameter, stage.site);
      }),
    );
    const isLastUse = all.at(-1) === each;
    const sums = own.map((parameter) =>
      line(
        equation(
          partial(site.loss, parameter),
          [],
          add(...all.map((use) => symbol(partOf(parameter, use.stage.site)))),
        ),
        "sumRule",
      ),
    );
    return [{ title: stageTitle(stage), lines: isLastUse ? [...lines, ...sums] : lines }];
  });
  return { groups, quantities };
}

/** The line, and its steps, for another left side. */
export function retargeted(
  { equation: own, steps, ...rest }: Line,
  partFor: (key: string) => MathSymbol | undefined,
): Line {
  const target = targetOf(own);
  const part =
    target.type === "partial" && target.top.key === "C" ? partFor(target.bottom.key) : undefined;
  const left = part ? (at(symbol(part), own.indices) as Equation["left"]) : own.left;
  return {
    ...rest,
    equation: { ...own, left },
    steps: steps.map((step) => retargeted(step, partFor)),
  };
}
