/** Derives the equations of backpropagation for a network, a loss and an optimizer. */

import { UsageError } from "../../util/index.ts";
import {
  childrenOf,
  type Equation,
  type Expression,
  type MathFunction,
  type MathSymbol,
  targetOf,
} from "../math/index.ts";
import type { ExplainedLoss, ExplainedNetwork, ExplainedOptimizer } from "../model.ts";
import { words } from "../words.ts";
import { buildChain, placed } from "./chain.ts";
import { functionsOf, givensOf, layersOf, parametersWithin, quantitiesOf } from "./chainParts.ts";
import type { Derivation, Line, LineGroup, Section } from "./derivation.ts";
import { fundamentalLines } from "./fundamental.ts";
import { lossEquations, takesValues } from "./losses/index.ts";
import { type UpdateEquations, updateEquations } from "./optimizers.ts";
import { backwards, forwards } from "./stages.ts";

export interface DeriveOptions {
  readonly loss: ExplainedLoss;
  /** Adds the update of every parameter. */
  readonly optimizer?: ExplainedOptimizer;
  /** `online` derives for one sample, with column vectors; `batch` for several, one in each row. */
  readonly mode?: "online" | "batch";
  /** Samples of a batch, N; default 4. */
  readonly batchSize?: number;
  /** Whether dropout drops and batch norm takes the batch's statistics; default: in batch mode. */
  readonly training?: boolean;
}

/** The equations of backpropagation, exact for this network: notation with shapes, forward pass, loss,
 * output error, recursion, gradients of every parameter and the optimizer's update. Each line names its
 * rule and unfolds into its steps, down to single elements.
 *
 * @param network anything with layers in a row, such as a `Network` of `chainrule/nn`
 * @throws UsageError for a network without layers, or a batch that is not a whole number of rows
 * @example
 * const derivation = derive(net, { loss: losses.crossEntropy(), optimizer: optimizers.sgd() });
 * toLatex(derivation);
 */
export function derive(
  network: Pick<ExplainedNetwork, "input" | "layers">,
  options: DeriveOptions,
): Derivation {
  const { loss, optimizer, mode = "online", batchSize = 4 } = options;
  const { training = mode === "batch" } = options;
  if (network.layers.length === 0) throw new UsageError("derive: the network has no layers.");
  if (mode !== "online" && mode !== "batch") {
    throw new UsageError(`derive: expected mode "online" or "batch", got "${mode}".`);
  }
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new UsageError(`derive: expected a batchSize from 1, got ${batchSize}.`);
  }
  const batch = mode === "batch" ? batchSize : undefined;
  const value: MathSymbol = { key: "C", letter: "C", shape: [], meaning: words("loss", "损失") };
  const rows = batch === undefined ? [] : [batch];
  const isMatrix = rows.length + network.input.length > 1;
  const input: MathSymbol = {
    key: "x",
    letter: isMatrix ? "X" : "x",
    shape: [...rows, ...network.input],
    meaning: words("input", "输入"),
  };
  const chain = buildChain(
    { batch, training, loss: value },
    {
      layers: placed(network.layers),
      input,
      inputShape: network.input,
      labelPrefix: "",
      firstKey: 0,
      needsInputGradient: false,
    },
  );
  const last = chain.stages[chain.stages.length - 1];
  const isLabels = !takesValues(loss) && isClassLoss(loss);
  const targetShape = isLabels ? rows : [...rows, ...chain.resultShape];
  const target: MathSymbol = {
    key: "y",
    letter: targetShape.length > 1 ? "Y" : "y",
    shape: targetShape,
    meaning: words("target", "目标"),
  };
  const lossPart = lossEquations({
    loss,
    value,
    prediction: chain.result,
    target,
    label: last.site.label,
    isLinear: last.activation === undefined,
    batch,
    outputShape: chain.resultShape,
  });
  const back = backwards(chain, lossPart.gradient);
  const [outputError, ...recursion] = back.recursion;
  const parameters = parametersWithin(chain);
  const update = optimizer
    ? updateEquations(
        optimizer,
        value,
        parameters.map((parameter) => parameter.symbol),
        gradientLinesOf(back.gradients, value),
      )
    : undefined;
  const givens = givensOf(chain);
  const sections: Section[] = [
    { name: "forward", groups: forwards(chain) },
    { name: "loss", groups: [{ title: lossPart.title, lines: lossPart.forward }] },
    { name: "outputError", groups: [outputError] },
    { name: "recursion", groups: recursion },
    { name: "gradients", groups: back.gradients },
    ...(update ? [{ name: "update" as const, groups: [updateGroup(update)] }] : []),
  ];
  const symbols = [
    input,
    target,
    ...quantitiesOf(chain),
    ...lossPart.quantities,
    value,
    ...(update?.quantities ?? []),
  ];
  const essence = fundamentalLines(chain.stages, sections);
  return {
    mode,
    batchSize: batch ?? 1,
    notation: notationOf(symbols, sections),
    functions: uniqueFunctions(functionsOf(chain)),
    sections:
      essence.length > 0
        ? [{ name: "fundamental", groups: [{ lines: essence }] }, ...sections]
        : sections,
    parameters,
    loss: value,
    input,
    target,
    output: chain.result,
    layers: layersOf(chain),
    givens: {
      constants: new Map([...givens.constants, ...(lossPart.constants ?? [])]),
      observed: new Map([...givens.observed, ...(lossPart.observed ?? [])]),
      known: new Map([...givens.known, ...(lossPart.known ?? [])]),
    },
    training,
  };
}

/** The line of each parameter's gradient, by the parameter's key. */
function gradientLinesOf(groups: readonly LineGroup[], loss: MathSymbol): Map<string, Line> {
  const found = new Map<string, Line>();
  for (const line of groups.flatMap(({ lines }) => lines)) {
    const target = targetOf(line.equation);
    if (target.type === "partial" && target.top === loss) found.set(target.bottom.key, line);
  }
  return found;
}

/** Losses whose targets are class indices even where their equations come from the graph. */
function isClassLoss({ kind }: ExplainedLoss): boolean {
  return ["crossEntropy", "nll", "focal", "multiMargin", "multiClassMargin"].includes(kind);
}

function updateGroup({ title, lines }: UpdateEquations): LineGroup {
  return { title, lines };
}

function uniqueFunctions(functions: readonly MathFunction[]): MathFunction[] {
  const seen = new Map<string, MathFunction>();
  for (const f of functions) if (!seen.has(f.name)) seen.set(f.name, f);
  return [...seen.values()];
}

/** The symbols that the equations mention, each once. */
function notationOf(symbols: readonly MathSymbol[], sections: readonly Section[]): MathSymbol[] {
  const used = usedKeys(sections);
  const seen = new Map<string, MathSymbol>();
  for (const s of symbols) if (!seen.has(s.key) && used.has(s.key)) seen.set(s.key, s);
  return [...seen.values()];
}

function usedKeys(sections: readonly Section[]): ReadonlySet<string> {
  const keys = new Set<string>();
  const visit = (x: Expression): void => {
    if (x.type === "symbol") keys.add(x.symbol.key);
    if (x.type === "partial") {
      keys.add(x.top.key);
      keys.add(x.bottom.key);
    }
    for (const child of childrenOf(x)) visit(child);
  };
  const visitLine = ({ equation: { left, right } }: { readonly equation: Equation }) => {
    visit(left);
    visit(right);
  };
  for (const { groups } of sections) for (const { lines } of groups) lines.forEach(visitLine);
  return keys;
}
