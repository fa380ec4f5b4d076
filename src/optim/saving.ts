/** Optimizers and schedules made again from their descriptions: the entry `chainrule/optim/saving`. */

export { optimizerFrom } from "./description.ts";
export { scheduleFrom } from "./schedules/description.ts";
export type { OptimizerKind } from "./variantCatalogue.ts";
