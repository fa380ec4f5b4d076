/** Graphs made again from their descriptions. */

import type { Shape } from "../../ir/index.ts";
import { UsageError } from "../../util/index.ts";
import { isJoin, type Part } from "../layer.ts";
import { type GraphLayer, graph } from "./graph.ts";
import { input as inputSignal, join, type Signal } from "./signal.ts";

/** How a graph describes itself: its options as plain data. */
interface GraphOptions {
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly calls: readonly {
    readonly name: string;
    readonly part: number;
    readonly from: readonly string[];
  }[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** The graph of a description: its signals made again, in the order of the calls. */
function describedGraph(options: GraphOptions, parts: readonly Part[]): GraphLayer {
  const inputs = Object.fromEntries(
    Object.entries(options.inputs).map(([name, shape]) => [name, inputSignal(shape)]),
  );
  const signals = new Map<string, Signal>(Object.entries(inputs));
  for (const { name, part, from } of options.calls) {
    const sources = from.map((source) => signals.get(source));
    const what = parts[part];
    if (what === undefined || sources.length === 0 || sources.includes(undefined)) {
      throw new UsageError(`graph: the description of "${name}" refers to what is not there.`);
    }
    const known = sources as Signal[];
    signals.set(name, isJoin(what) ? join(what, ...known) : known[0].to(what));
  }
  const outputs = Object.fromEntries(
    Object.entries(options.outputs).map(([name, source]) => {
      const signal = signals.get(source);
      if (signal !== undefined) return [name, signal];
      throw new UsageError(
        `graph: the output "${name}" refers to "${source}", which is not there.`,
      );
    }),
  );
  return graph({ inputs, outputs });
}

export const graphKind = Object.assign(describedGraph, { kind: "graph" });
