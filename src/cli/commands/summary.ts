/** `chainrule summary`: the layers of a network, their shapes and parameters. */

import type { Command } from "commander";
import { resolveConfig } from "../../config/index.ts";
import type { Network } from "../../nn/index.ts";
import { experimentSource } from "../experimentSource.ts";
import { Terminal } from "../output/terminal.ts";
import { prepareRun } from "../run/prepare.ts";
import { readersFor } from "../run/readers.ts";
import { isRun, loadRun } from "../run/savedRun.ts";
import { addSet, addSettings, overridesOf } from "../settings.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

interface SummaryFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly target?: string;
}

export function summaryCommand(context: CommandContext): Command {
  const command = context
    .command("summary")
    .summary("show the layers of a network")
    .description("Shows the layers of a network with their output shapes and parameters.")
    .argument("<run or experiment>", "folder of a run, or anything that train takes");
  addSet(addSettings(command, ["dtype", "dataDir", "target", "features", "delimiter"]));
  addOutputOptions(command);
  withExamples(command, [
    ["chainrule summary digits", "before training"],
    ["chainrule summary digits --set network.0.units=32", "with a change"],
    ["chainrule summary runs/iris-seed0", "of a run"],
  ]);
  return command.action(async (argument: string, flags: SummaryFlags) => {
    const net = await networkFor(argument, flags, command);
    print(net, new Terminal(flags));
  });
}

async function networkFor(
  argument: string,
  flags: SummaryFlags,
  command: Command,
): Promise<Network> {
  if (isRun(argument)) return (await loadRun(argument)).model.net;
  const { written, where } = await experimentSource(argument, flags);
  const config = resolveConfig(written, { where, overrides: overridesOf(command) });
  return (await prepareRun(config, readersFor(new Terminal(flags)))).model.net;
}

function print(net: Network, terminal: Terminal): void {
  if (!terminal.isJson) {
    terminal.data(net.summary());
    return;
  }
  const { input, outputShape, dtype, parameterCount } = net;
  terminal.json({ input, output: outputShape, dtype, parameterCount, layers: net.layerFacts() });
}
