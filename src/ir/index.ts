export * as build from "./build.ts";
export { makeNode } from "./build.ts";
export * from "./dtype.ts";
export * from "./graph.ts";
export { inferType, type ResultType } from "./infer.ts";
export * from "./node.ts";
export * from "./print.ts";
export * from "./shape.ts";
export { verify } from "./verify.ts";
