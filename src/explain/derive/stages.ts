/** Stages, each an operation with the activation after it, forwards and backwards. */

import type { Shape } from "../../ir/index.ts";
import {
  apply,
  applyDerivative,
  at,
  equation,
  fraction,
  hadamard,
  type Index,
  type MathFunction,
  type MathSymbol,
  partial,
  primitive,
  softmax,
  subtract,
  sum,
  symbol,
  times,
} from "../math/index.ts";
import { type Words, words } from "../words.ts";
import type { Line, LineGroup } from "./derivation.ts";
import { line } from "./derivation.ts";
import { softmaxSlope } from "./losses/index.ts";
import { elementIndices } from "./operations/structure.ts";
import { type InputGradient, type Operation, type Site, sampleIndex } from "./site.ts";

/** One stage l: z⁽ˡ⁾ = operation(a⁽ˡ⁻¹⁾), a⁽ˡ⁾ = f(z⁽ˡ⁾). */
export interface Stage {
  readonly site: Site;
  readonly operation: Operation;
  readonly activation?: StageActivation;
  /** The stage's result: z itself without an activation. */
  readonly result: MathSymbol;
  /** Stages inside, as of a residual connection. */
  readonly inner?: Chain;
  /** What a layer made of signals calls it. */
  readonly name?: string;
}

export type StageActivation =
  | { readonly kind: "function"; readonly function: MathFunction }
  | { readonly kind: "softmax" };

export interface Chain {
  readonly stages: readonly Stage[];
  readonly input: MathSymbol;
  readonly result: MathSymbol;
  readonly resultShape: Shape;
  /** Random keys that a pass takes. */
  readonly keys: number;
}

/** Indices of all elements of a stage's result, the sample first. */
export function allIndices(site: Pick<Site, "batch" | "outputShape">): Index[] {
  return [...sampleIndex(site), ...elementIndices(site.outputShape)];
}

/** "Layer 2: dense layer, ReLU". */
export function stageTitle({ site, operation, activation, name: own }: Stage): Words {
  const called = own === undefined ? { en: "", zh: "" } : { en: ` (${own})`, zh: `（${own}）` };
  const name =
    activation === undefined
      ? undefined
      : activation.kind === "softmax"
        ? "softmax"
        : activation.function.name;
  const isOnlyActivation = operation.title.en === "activation";
  const tail = (what: string) => (isOnlyActivation ? name! : name ? `${what}, ${name}` : what);
  return words(
    `Layer ${site.label}${called.en}: ${tail(operation.title.en)}`,
    `第 ${site.label} 层${called.zh}：${tail(operation.title.zh)}`,
  );
}

/** The forward pass, stage by stage. */
export function forwards({ stages }: Pick<Chain, "stages">): LineGroup[] {
  return stages.flatMap((stage) => [
    ...(stage.operation.inside?.forward ?? []),
    {
      title: stageTitle(stage),
      lines: [...stage.operation.forward, ...activationLines(stage)],
    },
  ]);
}

function activationLines({ site, activation, result }: Stage): Line[] {
  if (activation === undefined) return [];
  const z = symbol(site.output);
  if (activation.kind === "function") {
    return [line(equation(result, [], apply(activation.function, z)), "forward")];
  }
  const indices = allIndices(site);
  const last = indices[indices.length - 1];
  const k = { ...last, name: "k" };
  const others = [...indices.slice(0, -1), k];
  const element = fraction(
    primitive("exp", at(site.output, indices)),
    sum([k], primitive("exp", at(site.output, others))),
  );
  const scalar = line(equation(result, indices, element), "scalarForm");
  return [line(equation(result, [], softmax(z)), "forward", [scalar])];
}

/** The way back. */
export interface Backwards {
  /** δ of each stage, from the last to the first. */
  readonly recursion: readonly LineGroup[];
  /** Gradients of the parameters, from the first stage to the last. */
  readonly gradients: readonly LineGroup[];
  /** ∂C/∂input of the whole chain, where it is needed. */
  readonly bottom: InputGradient | undefined;
}

/** The errors and gradients of a chain whose result's gradient is `top`. */
export function backwards({ stages }: Chain, top: InputGradient): Backwards {
  const recursion: LineGroup[] = [];
  const gradients: LineGroup[] = [];
  let above = top;
  for (const stage of stages.toReversed()) {
    const { operation } = stage;
    recursion.push({
      title: stageTitle(stage),
      lines: [...errorLines(stage, above), ...(operation.errors ?? [])],
    });
    recursion.push(...(operation.inside?.errors ?? []));
    if (operation.parameterGradients.length > 0) {
      gradients.unshift({ title: stageTitle(stage), lines: operation.parameterGradients });
    }
    gradients.unshift(...(operation.inside?.gradients ?? []));
    above = operation.inputGradient;
  }
  return { recursion, gradients, bottom: stages[0]?.site.needsInputGradient ? above : undefined };
}

/** δ of a stage: what comes from above, through its activation. */
export function errorLines({ site, activation, result }: Stage, above: InputGradient): Line[] {
  const { error, output: z, loss } = site;
  const { indices, element, whole, rule, steps, before } = above;
  if (activation === undefined) {
    if (whole === undefined)
      return [...before, line(equation(error, indices, element), rule, steps)];
    const scalar = line(equation(error, indices, element), "scalarForm");
    return [...before, line(equation(error, [], whole), rule, withScalar(steps, scalar, whole))];
  }
  const slope = partial(loss, result);
  const scalar = line(equation(slope, indices, element), rule);
  if (activation.kind === "softmax") {
    const last = indices[indices.length - 1];
    const k = { ...last, name: last.name === "k" ? "r" : "k" };
    const lead = indices.slice(0, -1);
    const g = (index: Index) => at(slope, [...lead, index]);
    const a = (index: Index) => at(result, [...lead, index]);
    return [
      ...before,
      whole === undefined
        ? line(scalar.equation, rule, steps)
        : line(equation(slope, [], whole), rule, withScalar(steps, scalar, whole)),
      line(
        equation(error, indices, times(a(last), subtract(g(last), sum([k], times(g(k), a(k)))))),
        "softmaxJacobian",
        [
          line(
            equation(error, indices, sum([k], times(g(k), softmaxSlope(result, lead, k, last)))),
            "softmaxJacobian",
          ),
        ],
      ),
    ];
  }
  const f = activation.function;
  const own = line(
    equation(error, indices, times(at(slope, indices), applyDerivative(f, at(z, indices)))),
    "activation",
  );
  const unfolded = [...steps, scalar, own];
  if (whole === undefined) {
    const product = times(element, applyDerivative(f, at(z, indices)));
    return [...before, line(equation(error, indices, product), rule, unfolded)];
  }
  const product = hadamard(whole, applyDerivative(f, symbol(z)));
  const byResult = f.ofResult && hadamard(whole, ...f.ofResult(symbol(result)));
  return [
    ...before,
    line(equation(error, [], product), rule, [
      ...unfolded,
      line(equation(error, [], product), "matrixForm"),
      ...(byResult ? [line(equation(error, [], byResult), "substitution")] : []),
    ]),
  ];
}

/** The steps, and the element's formula unless they end with it. */
function withScalar(
  steps: readonly Line[],
  scalar: Line,
  whole: { readonly type: string },
): readonly Line[] {
  return whole.type === "symbol" || whole.type === "reshape" ? steps : [...steps, scalar];
}
