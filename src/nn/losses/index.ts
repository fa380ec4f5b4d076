/** The built-in losses by name: the entry `chainrule/nn/losses`. */

export type { BinaryCrossEntropyOptions } from "./binary.ts";
export { losses } from "./catalogue.ts";
export type { OutputLoss } from "./combined.ts";
export type { CrossEntropyOptions, NllOptions } from "./crossEntropy.ts";
