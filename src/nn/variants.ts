/** Layers that are used less often: the entry `chainrule/nn/variants`. */

export { variants } from "./layers/variants.ts";
