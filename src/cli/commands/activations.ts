/** `chainrule activations`: what each activation is, how it looks, and what it is for. */

import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import {
  activationFigure,
  activationKinds,
  activationSheet,
  sheetText,
} from "../../explain/index.ts";
import { toPng } from "../../figures/index.node.ts";
import { renderSvg } from "../../figures/index.ts";
import { UsageError } from "../../util/index.ts";
import { Terminal } from "../output/terminal.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

interface ActivationsFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly out?: string;
  readonly language: string;
}

export function activationsCommand(context: CommandContext): Command {
  const command = context
    .command("activations")
    .summary("formula, derivative and curve of the activations")
    .description(
      "Shows activations: formula, derivative, range, saturation, typical use and source.",
    )
    .argument("[names...]", "such as relu gelu; all unless said")
    .option("--language <language>", "en or zh", "en")
    .option("--out <file>", "draw the curves side by side: curves.svg or curves.png");
  addOutputOptions(command);
  withExamples(command, [
    ["chainrule activations", "all of them"],
    ["chainrule activations relu gelu silu --out curves.svg", "three side by side"],
  ]);
  return command.action(async (names: readonly string[], flags: ActivationsFlags) => {
    const { language } = flags;
    if (language !== "en" && language !== "zh") {
      throw new UsageError(`--language: expected en or zh, got "${language}".`);
    }
    const terminal = new Terminal(flags);
    const sheets = (names.length > 0 ? names : activationKinds).map((kind) =>
      activationSheet(kind),
    );
    if (flags.out !== undefined) {
      const svg = await renderSvg(activationFigure(sheets));
      writeFileSync(flags.out, flags.out.endsWith(".png") ? await toPng(svg) : `${svg}\n`);
      terminal.log(`Wrote ${flags.out}`);
      return;
    }
    if (terminal.isJson) {
      for (const { kind, range, saturation, use, source, curve } of sheets) {
        terminal.json({
          kind,
          range,
          saturation: saturation[language],
          use: use[language],
          source,
          curve,
        });
      }
      return;
    }
    terminal.data(sheets.map((sheet) => sheetText(sheet, language)).join("\n\n"));
  });
}
