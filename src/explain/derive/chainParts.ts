/** What the stages of a chain bring along: symbols, functions, parameters, values. */

import type { Node } from "../../ir/index.ts";
import type { MathFunction, MathSymbol, NumberArray } from "../math/index.ts";
import type { DerivedLayer, DerivedParameter } from "./derivation.ts";
import { type Chain, stageTitle } from "./stages.ts";

/** Every quantity of a chain, for the notation table. */
export function quantitiesOf({ stages }: Chain): MathSymbol[] {
  return stages.flatMap(({ site, operation, result }) => [
    ...operation.parameters.map((parameter) => parameter.symbol),
    ...operation.quantities,
    site.output,
    ...(result === site.output ? [] : [result]),
    site.error,
  ]);
}

export function functionsOf({ stages }: Chain): MathFunction[] {
  return stages.flatMap(({ activation, operation }) => [
    ...(activation?.kind === "function" ? [activation.function] : []),
    ...(operation.functions ?? []),
  ]);
}

export function parametersWithin({ stages }: Chain): DerivedParameter[] {
  return stages.flatMap(({ operation }) => operation.parameters);
}

export function layersOf({ stages }: Chain): DerivedLayer[] {
  return stages.flatMap((stage) => [
    ...(stage.inner ? layersOf(stage.inner) : []),
    {
      label: stage.site.label,
      title: stageTitle(stage),
      before: stage.site.output,
      after: stage.result,
      error: stage.site.error,
    },
  ]);
}

/** Values and observed nodes that the operations bring along. */
export function givensOf({ stages }: Chain): {
  readonly constants: ReadonlyMap<string, NumberArray>;
  readonly observed: ReadonlyMap<string, Node>;
  readonly known: ReadonlyMap<Node, MathSymbol>;
} {
  return {
    constants: new Map(stages.flatMap(({ operation }) => [...(operation.constants ?? [])])),
    observed: new Map(stages.flatMap(({ operation }) => [...(operation.observed ?? [])])),
    known: new Map(stages.flatMap(({ operation }) => [...(operation.known ?? [])])),
  };
}
