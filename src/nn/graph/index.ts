/** Networks that are not chains: the entry `chainrule/nn/graph`. */

export { type GraphLayer, graph, type Signals } from "./graph.ts";
export { input, join, Signal } from "./signal.ts";
