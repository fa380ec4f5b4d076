/** Equations of a residual connection around a chain of layers. */

import { add, at, equation, symbol } from "../math/index.ts";
import { words } from "../words.ts";
import { functionsOf, givensOf, parametersWithin, quantitiesOf } from "./chainParts.ts";
import { line } from "./derivation.ts";
import type { Operation, Site } from "./site.ts";
import { allIndices, backwards, type Chain, forwards } from "./stages.ts";

/** z = a + F(a): the error goes back both ways. */
export function residual(site: Site, inner: Chain): Operation {
  const indices = allIndices(site);
  const delta = symbol(site.error);
  const back = backwards(inner, {
    indices,
    element: at(site.error, indices),
    whole: delta,
    rule: "branches",
    steps: [],
    before: [],
  });
  const through = back.bottom;
  return {
    title: words("residual connection", "残差连接"),
    parameters: parametersWithin(inner),
    quantities: quantitiesOf(inner),
    functions: functionsOf(inner),
    ...givensOf(inner),
    forward: [
      ...forwards(inner).flatMap(({ lines }) => lines),
      line(equation(site.output, [], add(symbol(site.input), symbol(inner.result))), "branches"),
    ],
    errors: back.recursion.flatMap(({ lines }) => lines),
    inputGradient: {
      indices: through?.indices ?? indices,
      element: through
        ? add(at(site.error, through.indices), through.element)
        : at(site.error, indices),
      ...(through?.whole && { whole: add(delta, through.whole) }),
      rule: "branches",
      steps: [],
      before: through?.before ?? [],
    },
    parameterGradients: back.gradients.flatMap(({ lines }) => lines),
  };
}
