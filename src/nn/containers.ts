/** Layers that hold others: the entry `chainrule/nn/containers`. */

export { containers } from "./layers/containers.ts";
