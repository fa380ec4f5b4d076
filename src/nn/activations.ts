/** All built-in activations: the entry `chainrule/nn/activations`. */

export { activations } from "./layers/activations/all.ts";
