/** Figures as PNG files, in Node.js: the entry `chainrule/figures/node`. */

export { type PngOptions, toPng } from "./png.node.ts";
