/** Training with files, in Node.js: the entry `chainrule/train/node`. */

export { loadCheckpoint, saveCheckpoint } from "./files.node.ts";
