/** Datasets from files, in Node.js. */

export { readCsv, readFeatures } from "./csv.node.ts";
