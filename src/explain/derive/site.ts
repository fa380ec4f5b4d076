/** Where an operation stands in a network, and what every operation has to say about itself. */

import type { Node, Shape } from "../../ir/index.ts";
import {
  at,
  type Equation,
  type Expression,
  equation,
  type Index,
  type MathFunction,
  type MathSymbol,
  type NumberArray,
  partial,
  sum,
  times,
} from "../math/index.ts";
import type { ExplainedLayer } from "../model.ts";
import { type Words, words } from "../words.ts";
import { type Line, type LineGroup, line } from "./derivation.ts";
import type { RuleName } from "./rules.ts";

/** A parameter, or state, of a layer as its description gives it. */
export interface SiteParameter {
  readonly path: string;
  readonly shape: Shape;
  readonly isTrained: boolean;
}

/** One layer's place: its quantities and what surrounds it. */
export interface Site {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Layer number, such as `2` or `3.1`. */
  readonly label: string;
  /** N in batch mode. */
  readonly batch: number | undefined;
  readonly training: boolean;
  readonly loss: MathSymbol;
  readonly input: MathSymbol;
  readonly output: MathSymbol;
  /** Shape of one sample, without the batch axis. */
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** δ = ∂C/∂output. */
  readonly error: MathSymbol;
  readonly parameters: ReadonlyMap<string, SiteParameter>;
  /** Whether anything below needs ∂C/∂input. */
  readonly needsInputGradient: boolean;
  readonly layer: ExplainedLayer;
  /** How many random keys the layers before it take. */
  readonly firstKey: number;
  /** The layer that its parameters are named after, where it shares those of another. */
  readonly parameterLabel?: string;
}

/** ∂C/∂input in terms of δ. */
export interface InputGradient {
  /** The indices of the input, batch first. */
  readonly indices: readonly Index[];
  /** One element. */
  readonly element: Expression;
  /** All elements at once, where the textbook has such a form. */
  readonly whole?: Expression;
  readonly rule: RuleName;
  /** The way there. */
  readonly steps: readonly Line[];
  /** Quantities that have to be known before. */
  readonly before: readonly Line[];
}

/** A layer's equations. */
export interface Operation {
  readonly title: Words;
  /** Trained parameters, in the order of the layer's description. */
  readonly parameters: readonly { readonly path: string; readonly symbol: MathSymbol }[];
  /** Other quantities that need a value or a line in the notation table. */
  readonly quantities: readonly MathSymbol[];
  readonly forward: readonly Line[];
  readonly inputGradient: InputGradient;
  readonly parameterGradients: readonly Line[];
  /** The stages within, under headings of their own. */
  readonly inside?: {
    readonly forward: readonly LineGroup[];
    readonly errors: readonly LineGroup[];
    readonly gradients: readonly LineGroup[];
  };
  /** Errors within the layer, from which the gradients of its parameters follow. */
  readonly errors?: readonly Line[];
  /** Functions that its equations apply. */
  readonly functions?: readonly MathFunction[];
  /** Values of its constants. */
  readonly constants?: ReadonlyMap<string, NumberArray>;
  /** Nodes of a graph that only a run gives values, such as drawn numbers. */
  readonly observed?: ReadonlyMap<string, Node>;
  /** What the leaves of those nodes stand for. */
  readonly known?: ReadonlyMap<Node, MathSymbol>;
}

/** A running index that counts from 1, as units and samples do. */
export const unit = (name: string, size: number): Index => ({ name, size, base: 1 });
/** A running index that counts from 0, as positions in images do. */
export const offset = (name: string, size: number): Index => ({ name, size, base: 0 });

/** The index of the sample, in batch mode. */
export function sampleIndex({ batch }: Pick<Site, "batch">, name = "n"): readonly Index[] {
  return batch === undefined ? [] : [unit(name, batch)];
}

/** A parameter's symbol with its usual letter. */
export function parameterSymbol(
  site: Site,
  name: string,
  letter: string,
  meaning: Words,
  mark?: string,
): MathSymbol {
  const spec = site.parameters.get(name)!;
  return {
    key: spec.path,
    letter,
    layer: site.parameterLabel ?? site.label,
    shape: spec.shape,
    meaning,
    ...(mark && { mark }),
  };
}

/** A quantity that belongs to a layer. */
export function layerSymbol(
  site: Site,
  name: string,
  letter: string,
  shape: Shape,
  meaning: Words,
  extra: Pick<MathSymbol, "accent" | "mark"> = {},
): MathSymbol {
  return { key: `${site.label}.${name}`, letter, layer: site.label, shape, meaning, ...extra };
}

/** What the derivative of one result by one operand is. */
export interface Jacobian {
  readonly value: Expression;
  readonly rule: RuleName;
}

/** The first two steps of every gradient: the sum over all paths, and the derivative along one path.
 *
 *   ∂C/∂u_b = Σ_a δ_a ∂z_a/∂u_b,   ∂z_a/∂u_b = …
 */
export function chainSteps(
  site: Site,
  resultIndices: readonly Index[],
  operand: MathSymbol,
  operandIndices: readonly Index[],
  jacobian: Jacobian,
): Line[] {
  const { output, error, loss } = site;
  const path = partial(output, operand);
  const derivative = at(path, [...resultIndices, ...operandIndices]);
  return [
    line(
      equation(
        partial(loss, operand),
        operandIndices,
        sum(resultIndices, times(at(error, resultIndices), derivative)),
      ),
      "chainRule",
    ),
    line(equation(path, [...resultIndices, ...operandIndices], jacobian.value), jacobian.rule),
  ];
}

/** The gradient of a parameter: first whole, then the way there. */
export function gradientLine(
  site: Site,
  operand: MathSymbol,
  operandIndices: readonly Index[],
  forms: { readonly element: Expression; readonly whole?: Expression; readonly rule: RuleName },
  steps: readonly Line[],
): Line {
  const target = partial(site.loss, operand);
  const element: Equation = equation(target, operandIndices, forms.element);
  if (forms.whole === undefined) return line(element, forms.rule, steps);
  return line(equation(target, [], forms.whole), forms.rule, [
    ...steps,
    line(element, "kronecker"),
    line(equation(target, [], forms.whole), "matrixForm"),
  ]);
}

export const weightMeaning = words("weights", "权重");
export const biasMeaning = words("biases", "偏置");
