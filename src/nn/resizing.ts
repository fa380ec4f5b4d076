/** Layers that resize sequences and images: the entry `chainrule/nn/resizing`. */

export type { TransposedConvolutionOptions } from "./layers/convolutionTranspose.ts";
export { resizing } from "./layers/resizing.ts";
