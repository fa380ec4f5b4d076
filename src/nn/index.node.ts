/** Saving and loading networks as folders, for Node.js. */

export * from "./files.node.ts";
