/** Networks that are not chains, and what joins their branches: the entry `chainrule/nn/graph`. */

export { type GraphLayer, graph, type Signals } from "./graph.ts";
export { joins } from "./joins.ts";
export { input, join, Signal } from "./signal.ts";
