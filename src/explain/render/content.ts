/** A derivation as blocks of content, in the order in which every format shows them. */

import type { Derivation, LineGroup, SectionName } from "../derive/derivation.ts";
import { apply, applyDerivative, type Equation, type MathSymbol, symbol } from "../math/index.ts";

/** What a derivation shows, before any format. */
export interface Content {
  readonly notation: readonly MathSymbol[];
  /** f(x) = … and f′(x) = …; they have no left side that a value is stored under. */
  readonly functions: readonly FunctionLine[];
  readonly sections: readonly {
    readonly name: SectionName;
    readonly groups: readonly LineGroup[];
  }[];
}

export interface FunctionLine {
  readonly value: { readonly left: ReturnType<typeof apply>; readonly right: Equation["right"] };
  readonly derivative: {
    readonly left: ReturnType<typeof apply>;
    readonly right: Equation["right"];
  };
}

/** The blocks of a derivation. */
export function contentOf(derivation: Derivation): Content {
  return {
    notation: derivation.notation,
    functions: derivation.functions.map((f) => ({
      value: { left: apply(f, symbol(f.argument)), right: f.value },
      derivative: { left: applyDerivative(f, symbol(f.argument)), right: f.derivative },
    })),
    sections: derivation.sections.filter(({ groups }) =>
      groups.some(({ lines }) => lines.length > 0),
    ),
  };
}
