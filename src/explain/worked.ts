/** One training step with its numbers, as tables in the notation of the derivation. */

import { sizeOf } from "../ir/index.ts";
import type { Derivation, SectionName } from "./derive/derivation.ts";
import { derive } from "./derive/derive.ts";
import { evaluateDerivation } from "./derive/evaluate.ts";
import { rateSymbol, stateKey, stepSymbol } from "./derive/optimizers.ts";
import { formatValue } from "./graph/picture.ts";
import {
  type Equation,
  inLanguage,
  keyOf,
  type NumberArray,
  plainText,
  scalarValue,
  symbol,
  targetOf,
  typeset,
  typesetEquation,
  type Values,
} from "./math/index.ts";
import {
  type ExplainedLoss,
  type ExplainedNetwork,
  type ExplainedOptimizer,
  parametersOf,
  stateOf,
  traceShape,
} from "./model.ts";
import { sectionTitles } from "./render/wording.ts";
import { type ExplainedSamples, samplesOf } from "./samples.ts";
import { type Language, type Words, words } from "./words.ts";

export interface WorkedOptions extends ExplainedSamples {
  readonly loss: ExplainedLoss;
  readonly optimizer?: ExplainedOptimizer;
  readonly training?: boolean;
}

/** One quantity with its numbers. */
export interface WorkedRow {
  readonly key: string;
  /** What it is, such as `δ⁽²⁾`. */
  readonly name: string;
  /** How it comes about; nothing for what is given. */
  readonly equation?: Equation;
  readonly value: NumberArray;
}

export interface WorkedTable {
  readonly title: Words;
  readonly section: SectionName | "given";
  readonly rows: readonly WorkedRow[];
}

/** A step with numbers: what is given, the forward pass, the loss, every δ, every gradient, the update. */
export interface WorkedStep {
  readonly derivation: Derivation;
  readonly values: Values;
  readonly tables: readonly WorkedTable[];
}

/** The numbers of one step for one sample or one batch, computed from the derivation's equations.
 *
 * @throws ShapeError for a sample of another shape than the network's
 * @example
 * workedText(workedStep(net, { loss, optimizer, x: [5.1, 3.5, 1.4, 0.2], y: 0 }));
 */
export function workedStep(network: ExplainedNetwork, options: WorkedOptions): WorkedStep {
  const { loss, optimizer } = options;
  const samples = samplesOf(network, loss, options);
  const { training = samples.mode === "batch" } = options;
  const derivation = derive(network, {
    loss,
    mode: samples.mode,
    batchSize: samples.rows,
    training,
    ...(optimizer && { optimizer }),
  });
  const weights = currentWeights(network);
  const given = samples.given(derivation, weights);
  if (optimizer) addOptimizer(given, optimizer, derivation);
  const values = evaluateDerivation(derivation, given);
  const isParameter = new Set(derivation.parameters.map(({ path }) => path));
  const start: WorkedRow[] = derivation.notation
    .filter(({ key }) => key === "x" || key === "y" || isParameter.has(key))
    .map((s) => ({ key: s.key, name: typeset(symbol(s), plainText), value: values.get(s.key)! }));
  const tables: WorkedTable[] = [{ title: words("Given", "已知"), section: "given", rows: start }];
  for (const { name, groups } of derivation.sections) {
    if (name === "fundamental") continue;
    for (const { title, lines } of groups) {
      const rows = lines.map(({ equation }): WorkedRow => {
        const target = targetOf(equation);
        const key = keyOf(target);
        return { key, name: typeset(target, plainText), equation, value: values.get(key)! };
      });
      if (rows.length > 0)
        tables.push({ title: title ?? sectionTitles[name], section: name, rows });
    }
  }
  return { derivation, values, tables };
}

/** Parameters, and state, at their present values, by path. */
export function currentWeights(network: ExplainedNetwork): Map<string, NumberArray> {
  const found = new Map<string, NumberArray>();
  let shape = network.input;
  network.layers.forEach((layer, i) => {
    for (const [name, spec] of parametersOf(layer, shape)) {
      const data = network.weights.get(`${i}.${name}`);
      found.set(`${i}.${name}`, {
        shape: spec.shape,
        data: data ? Float64Array.from(data) : new Float64Array(sizeOf(spec.shape)),
      });
    }
    shape = traceShape(layer, shape, false).shape;
  });
  return found;
}

/** Rates, the number of the step and the first state, for the equations of an update. */
function addOptimizer(
  given: Values,
  optimizer: ExplainedOptimizer,
  { parameters }: Derivation,
): void {
  for (const [name, rate] of Object.entries(optimizer.rates)) {
    given.set(rateSymbol(name).key, scalarValue(rate));
  }
  given.set(stepSymbol.key, scalarValue(1));
  const shapes = new Map(parameters.map(({ path, symbol: s }) => [path, s.shape]));
  for (const [name, { shape, initial }] of stateOf(optimizer, shapes)) {
    const data =
      typeof initial === "number"
        ? new Float64Array(sizeOf(shape)).fill(initial)
        : given.get(initial.parameter)!.data.slice();
    given.set(stateKey(name), { shape, data });
  }
}

/** The most numbers of one quantity that a table writes out. */
const mostNumbers = 64;

/** A value as text: a number, a row, or the rows of a matrix; large ones by shape and range. */
export function valueText({ shape, data }: NumberArray): string {
  if (shape.length === 0) return formatValue(data[0]);
  const sizes = `[${shape.join("×")}]`;
  if (data.length > mostNumbers) {
    const [low, high] = [Math.min(...data), Math.max(...data)];
    return `${sizes} ${formatValue(low)} … ${formatValue(high)}`;
  }
  const width = shape[shape.length - 1];
  const rows = Array.from({ length: data.length / Math.max(1, width) }, (_, row) =>
    Array.from(data.subarray(row * width, (row + 1) * width), formatValue).join("  "),
  );
  return rows.length === 1 ? `(${rows[0]})` : rows.map((row) => `[${row}]`).join("\n");
}

/** The tables as text. */
export function workedText(
  { tables }: WorkedStep,
  { language = "en" }: { readonly language?: Language } = {},
): string {
  const out: string[] = [];
  let section: WorkedTable["section"] | undefined;
  for (const table of tables) {
    if (table.section !== section) {
      section = table.section;
      const heading =
        table.section === "given" ? table.title[language] : sectionTitles[table.section][language];
      out.push("", heading, "-".repeat(heading.length));
    }
    if (table.section !== "given") out.push(table.title[language]);
    for (const { name, equation, value } of table.rows) {
      const head = equation ? typesetEquation(equation, inLanguage(plainText, language)) : name;
      const [first, ...rest] = valueText(value).split("\n");
      const indent = " ".repeat(4);
      out.push(`  ${head}`, `${indent}= ${first}`, ...rest.map((row) => `${indent}  ${row}`));
    }
  }
  return `${out.join("\n").trimStart()}\n`;
}
