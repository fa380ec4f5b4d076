/** `chainrule explain`: the derivation, the graph, the numbers and the proof of a network or a formula. */

import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import {
  checkGradients,
  derive,
  drawGraph,
  explain,
  explainPage,
  type FormulaValue,
  formulaMarkdown,
  formulaPage,
  type Language,
  toLatex,
  toMarkdown,
  toText,
  workedStep,
  workedText,
} from "../../explain/index.ts";
import { toPng } from "../../figures/index.node.ts";
import { UsageError } from "../../util/index.ts";
import { Terminal } from "../output/terminal.ts";
import { explainedFor, rowNumbers, samplesAt } from "../run/explained.ts";
import { addSet, addSettings } from "../settings.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

interface ExplainFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly target?: string;
  readonly sample: string;
  readonly format?: string;
  readonly out?: string;
  readonly language: string;
  readonly steps?: boolean;
  readonly expr?: string;
  readonly at?: string;
}

const formats = ["text", "html", "md", "latex", "svg", "json", "png"] as const;
type Format = (typeof formats)[number];
/** A PNG is the SVG, drawn. */
type TextFormat = Exclude<Format, "png">;

export function explainCommand(context: CommandContext): Command {
  const command = context
    .command("explain")
    .summary("derive, draw and prove the gradients of a network or a formula")
    .description(
      "Explains one training step of a network, at the first weights of an experiment or at those of a " +
        "run: the derivation of every gradient, the computation graph, the numbers, and the gradients " +
        "three ways. Or explains a formula at a point.",
    )
    .argument("[run or experiment]", "folder of a run, or anything that train takes")
    .option("--sample <rows>", "rows of the training part, a batch if several: 0 or 0,5,9", "0")
    .option("--format <format>", `one of ${formats.join(", ")}; from the name of --out, else text`)
    .option("--out <file>", "write to a file")
    .option("--language <language>", "en or zh", "en")
    .option("--steps", "unfold every line, in text and LaTeX")
    .option("--expr <formula>", "explain a formula instead, such as sqrt(x^2 + 1)")
    .option("--at <values>", "the point of a formula, such as x1=-1,x2=3 or v=[1,2]");
  addSet(addSettings(command, ["seed", "dataDir", "target", "features", "delimiter"]));
  addOutputOptions(command);
  withExamples(command, [
    ["chainrule explain iris --out iris.html", "everything on one page"],
    ["chainrule explain iris --sample 0,1,2 --format latex --steps", "a batch, for a report"],
    ["chainrule explain runs/iris-seed0 --format svg", "the graph of a trained network"],
    ['chainrule explain --expr "x^2 + 1/x" --at x=2', "a formula"],
  ]);
  return command.action(async (argument: string | undefined, flags: ExplainFlags) => {
    const terminal = new Terminal(flags);
    const format = formatOf(flags);
    if (format === "png" && flags.out === undefined) {
      throw new UsageError("--format png: expected --out with the name of a file to write.");
    }
    const drawn = format === "png" ? "svg" : format;
    const text =
      flags.expr === undefined
        ? await explainNetwork(argument, flags, drawn, command, terminal)
        : await explainFormula(flags.expr, flags.at ?? "", drawn, languageOf(flags));
    if (flags.out === undefined) terminal.data(text.trimEnd());
    else {
      writeFileSync(flags.out, format === "png" ? await toPng(text) : text);
      terminal.log(`Wrote ${flags.out}`);
    }
  });
}

function formatOf({ format, json, out }: ExplainFlags): Format {
  if (json) return "json";
  const extension = out?.slice(out.lastIndexOf(".") + 1);
  const guessed = { tex: "latex", txt: "text" }[extension ?? ""] ?? extension;
  const chosen =
    format ?? (formats.find((each) => each === guessed) as Format | undefined) ?? "text";
  const known = formats.find((each) => each === chosen);
  if (known) return known;
  throw new UsageError(`--format: expected one of ${formats.join(", ")}, got "${chosen}".`);
}

function languageOf({ language }: ExplainFlags): Language {
  if (language === "en" || language === "zh") return language;
  throw new UsageError(`--language: expected en or zh, got "${language}".`);
}

async function explainNetwork(
  argument: string | undefined,
  flags: ExplainFlags,
  format: TextFormat,
  command: Command,
  terminal: Terminal,
): Promise<string> {
  if (argument === undefined) {
    throw new UsageError("explain: expected a run or an experiment, or --expr with a formula.");
  }
  const language = languageOf(flags);
  const explained = await explainedFor(argument, flags, command, terminal);
  const { net, loss, optimizer } = explained;
  const numbers = rowNumbers(flags.sample);
  const samples = samplesAt(explained, numbers);
  const mode = numbers.length === 1 ? ("online" as const) : ("batch" as const);
  const options = { loss, optimizer, mode, ...samples };
  const derivation = () => derive(net, { loss, optimizer, mode, batchSize: numbers.length });
  const steps = flags.steps ?? false;
  switch (format) {
    case "html":
      return explainPage(net, {
        ...options,
        language,
        title: language === "zh" ? `${explained.name} 详解` : `${explained.name}, explained`,
      });
    case "latex":
      return toLatex(derivation(), { language, steps });
    case "md":
      return toMarkdown(derivation(), { language });
    case "svg":
      // The font of PNG files has no Chinese letters.
      return (
        await drawGraph(net, { ...options, language: formatOf(flags) === "png" ? "en" : language })
      ).svg();
    case "text": {
      const worked = workedText(workedStep(net, options), { language });
      return [
        toText(derivation(), { language, steps }),
        worked,
        checkGradients(net, options).text,
      ].join("\n");
    }
    case "json": {
      const { tables } = workedStep(net, options);
      const check = checkGradients(net, options);
      const values = Object.fromEntries(
        tables.flatMap(({ rows }) =>
          rows.map(
            ({ key, value }) => [key, { shape: value.shape, data: [...value.data] }] as const,
          ),
        ),
      );
      const graph = (await drawGraph(net, options)).picture;
      const gradients = check.parameters.map(({ path, shape, passed, worst, ...rest }) => ({
        path,
        shape,
        passed,
        worst,
        reverseError: rest.reverseError,
        symbolicError: rest.symbolicError,
      }));
      return JSON.stringify({ loss: check.loss, passed: check.passed, gradients, values, graph });
    }
  }
}

/** `x1=-1,x2=3` or `v=[1,2]`. @throws UsageError for anything else */
function parsePoint(text: string): Record<string, FormulaValue> {
  const point: Record<string, FormulaValue> = {};
  const pattern = /\s*([\p{L}_][\p{L}\p{N}_]*)\s*=\s*(\[[^\]]*\]|[^,[\]]+)\s*(?:,|$)/uy;
  let at = 0;
  while (at < text.trimEnd().length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    const values = match?.[2].startsWith("[")
      ? match[2].slice(1, -1).split(",").map(Number)
      : match && [Number(match[2])];
    if (!match || !values?.every(Number.isFinite)) {
      throw new UsageError(
        `--at: expected name=number pairs such as x1=-1,x2=3, got "${text.slice(at)}".`,
      );
    }
    point[match[1]] = match[2].startsWith("[") ? values : values[0];
    at = pattern.lastIndex;
  }
  return point;
}

async function explainFormula(
  text: string,
  at: string,
  format: TextFormat,
  language: Language,
): Promise<string> {
  const point = parsePoint(at);
  const explanation = explain(text, point);
  const { value, values, gradients, steps, graph } = explanation;
  const drawing = () => drawGraph(graph, { title: text });
  switch (format) {
    case "json":
      return JSON.stringify({ expression: text, value, values, gradients, steps });
    case "svg":
      return (await drawing()).svg();
    case "html":
      return formulaPage(explanation, point, { language });
    case "md":
      return formulaMarkdown(explanation, point, { language });
    case "text": {
      const names = Object.keys(values);
      const lines = names.map(
        (name) => `  ${name} = ${show(values[name])}    gradient ${show(gradients[name])}`,
      );
      const inner = steps.map(
        (step) => `  ${step.text} = ${show(step.value)}    gradient ${show(step.gradient)}`,
      );
      return [`${text} = ${show(value)}`, ...lines, "", "Step by step:", ...inner].join("\n");
    }
    default:
      throw new UsageError(
        `--format: a formula is explained as text, html, md, json, svg or png, got "${format}".`,
      );
  }
}

function show(value: FormulaValue): string {
  const number = (x: number) => String(Number(x.toPrecision(8)));
  return typeof value === "number" ? number(value) : `[${value.map(number).join(", ")}]`;
}
