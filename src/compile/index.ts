export { AffineRewriter } from "./affineRewriter.ts";
export {
  type CompileOptions,
  type CompileTrace,
  compilePrograms,
  programsKey,
} from "./compile.ts";
export { isLongOp } from "./costs.ts";
export type * from "./kernel.ts";
export { bytesPerElement } from "./memory.ts";
export { isDotDepth } from "./orient.ts";
export { printKernel } from "./print.ts";
export { simplify } from "./simplify.ts";
export { printing, verifying } from "./trace.ts";
export { transposeMatrix } from "./transposeMatrix.ts";
export { operandsOf, reachable, ValueTable, valueRewriter } from "./valueTable.ts";
