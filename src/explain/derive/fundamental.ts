/** The fundamental equations of backpropagation: the same for every layer of a network of units. */

import type { Equation, Expression, Index, MathSymbol } from "../math/index.ts";
import type { Line, Section } from "./derivation.ts";
import type { Stage } from "./stages.ts";

/** Four (or five) equations that hold for every layer l, of a network whose layers are all dense or all
 * quadratic, with L the last one; nothing for other networks. */
export function fundamentalLines(
  stages: readonly Stage[],
  sections: readonly Section[],
): readonly Line[] {
  const kinds = new Set(stages.map(({ site }) => site.kind));
  const [kind] = kinds;
  const isUniform = kinds.size === 1 && (kind === "linear" || kind === "quadratic");
  if (!isUniform || stages.length < 2) return [];
  const hidden = stages.slice(0, -1).map(({ activation }) => activation?.kind);
  if (hidden.some((activation) => activation !== "function")) return [];
  const L = stages[stages.length - 1].site.label;
  const below = stages[stages.length - 2].site.label;
  const linesOf = (name: Section["name"]) =>
    sections.filter((section) => section.name === name).flatMap(({ groups }) => groups);
  const [output] = linesOf("outputError")
    .flatMap(({ lines }) => lines)
    .slice(-1);
  const [recursion] = linesOf("recursion")[0].lines.slice(-1);
  const ofLast = linesOf("gradients").at(-1)!.lines;
  // The usual order: biases before weights.
  const gradients = kind === "linear" ? ofLast.toReversed() : ofLast;
  const isLastLayer = new Map([[L, "L"]]);
  const isNext = new Map([
    [L, "l+1"],
    [below, "l"],
  ]);
  const isAnyLayer = new Map([
    [L, "l"],
    [below, "l−1"],
  ]);
  return [
    generalized(output, isLastLayer),
    generalized(recursion, isNext),
    ...gradients.map((gradient) => generalized(gradient, isAnyLayer)),
  ];
}

/** The line with other layer numbers and sums without bounds; it is read, not evaluated. */
function generalized({ equation, rule }: Line, labels: ReadonlyMap<string, string>): Line {
  const relabel = (s: MathSymbol): MathSymbol =>
    s.layer !== undefined && labels.has(s.layer)
      ? { ...s, key: `general.${s.key}`, layer: labels.get(s.layer) }
      : s;
  const open = (index: Index): Index => ({ ...index, size: Number.NaN });
  const visit = (x: Expression): Expression => {
    switch (x.type) {
      case "symbol":
        return { ...x, symbol: relabel(x.symbol) };
      case "partial":
        return { ...x, top: relabel(x.top), bottom: relabel(x.bottom) };
      case "add":
        return { ...x, terms: x.terms.map(visit) };
      case "times":
      case "hadamard":
      case "matmul":
        return { ...x, factors: x.factors.map(visit) };
      case "negative":
      case "transpose":
      case "softmax":
      case "reshape":
      case "squaredNorm":
      case "diagonal":
        return { ...x, of: visit(x.of) };
      case "sum":
      case "maximum":
        return { ...x, over: x.over.map(open), of: visit(x.of) };
      case "fraction":
        return { ...x, top: visit(x.top), bottom: visit(x.bottom) };
      case "power":
        return { ...x, base: visit(x.base), exponent: visit(x.exponent) };
      case "apply":
        return { ...x, function: { ...x.function, name: "f" }, to: visit(x.to) };
      case "primitive":
        return { ...x, arguments: x.arguments.map(visit) };
      case "at":
        return { ...x, of: visit(x.of), indices: x.indices.map(visit) };
      default:
        return x;
    }
  };
  const general: Equation = {
    ...equation,
    left: visit(equation.left) as Equation["left"],
    right: visit(equation.right),
    isGeneral: true,
  };
  return { equation: general, rule, steps: [] };
}
