export { erf } from "./erf.ts";
export * from "./errors.ts";
export * from "./nearest.ts";
export * from "./random.ts";
export * from "./threefry.ts";
export * from "./tree.ts";
