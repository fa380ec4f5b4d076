/** Optimizers that are used less often: the entry `chainrule/optim/variants`. */

export type { AdadeltaOptions } from "./adadelta.ts";
export type { AdagradOptions } from "./adagrad.ts";
export type { AdamaxOptions } from "./adamax.ts";
export type { BackpropagationOptions, ByName } from "./backpropagation.ts";
export type { LbfgsOptions, LbfgsState } from "./lbfgsAlgorithm.ts";
export type { LionOptions } from "./lion.ts";
export type { NadamOptions } from "./nadam.ts";
export type { RadamOptions } from "./radam.ts";
export type { RmspropOptions } from "./rmsprop.ts";
export type { RpropOptions } from "./rprop.ts";
export { variants } from "./variantCatalogue.ts";
