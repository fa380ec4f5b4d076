/** `chainrule graph`: the computation graph of a network, with every value and gradient. */

import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { type Detail, drawGraph } from "../../explain/index.ts";
import { toPng } from "../../figures/index.node.ts";
import { UsageError } from "../../util/index.ts";
import { Terminal } from "../output/terminal.ts";
import { explainedFor, rowNumbers, samplesAt } from "../run/explained.ts";
import { addSet, addSettings } from "../settings.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

interface GraphFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly target?: string;
  readonly sample: string;
  readonly detail: string;
  readonly theme: string;
  readonly out?: string;
}

export function graphCommand(context: CommandContext): Command {
  const command = context
    .command("graph")
    .summary("draw the computation graph of a network")
    .description(
      "Draws the computation graph of one training step: forward values in red above each edge, " +
        "gradients in blue below. SVG, PNG, Graphviz' DOT, or JSON, by the name of --out.",
    )
    .argument("<run or experiment>", "folder of a run, or anything that train takes")
    .option("--sample <rows>", "rows of the training part, a batch if several: 0 or 0,5,9", "0")
    .option("--detail <detail>", "layers, ops or scalars", "layers")
    .option("--theme <theme>", "light or dark", "light")
    .option(
      "--out <file>",
      "graph.svg, graph.png, graph.dot or graph.json; SVG on stdout unless said",
    );
  addSet(addSettings(command, ["seed", "dataDir", "target", "features", "delimiter"]));
  addOutputOptions(command);
  withExamples(command, [
    ["chainrule graph iris --out graph.svg", "one box a layer"],
    ["chainrule graph runs/iris-seed0 --detail ops --out graph.png", "one box an operation"],
    ["chainrule graph xor --detail scalars --out graph.dot", "one box a number, for Graphviz"],
  ]);
  return command.action(async (argument: string, flags: GraphFlags) => {
    const terminal = new Terminal(flags);
    const { theme, out } = flags;
    if (theme !== "light" && theme !== "dark") {
      throw new UsageError(`--theme: expected light or dark, got "${theme}".`);
    }
    const explained = await explainedFor(argument, flags, command, terminal);
    const { net, loss } = explained;
    const drawing = await drawGraph(net, {
      loss,
      ...samplesAt(explained, rowNumbers(flags.sample)),
      detail: flags.detail as Detail,
      title: `Computation graph of ${explained.name}`,
    });
    const extension = flags.json ? "json" : (out?.slice(out.lastIndexOf(".") + 1) ?? "svg");
    if (out !== undefined && extension === "png") {
      writeFileSync(out, await toPng(drawing.svg(theme)));
      terminal.log(`Wrote ${out}`);
      return;
    }
    const texts: Readonly<Record<string, () => string>> = {
      svg: () => `${drawing.svg(theme)}\n`,
      dot: () => drawing.dot,
      json: () => `${drawing.json}\n`,
    };
    const render = Object.hasOwn(texts, extension) ? texts[extension] : undefined;
    if (render === undefined) {
      throw new UsageError(
        `--out: expected a name that ends with .svg, .png, .dot or .json, got "${out}".`,
      );
    }
    if (out === undefined) terminal.data(render().trimEnd());
    else {
      writeFileSync(out, render());
      terminal.log(`Wrote ${out}`);
    }
  });
}
