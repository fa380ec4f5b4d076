export { type Compiled, type CompileOptions, compilePrograms } from "./compile.ts";
export type * from "./kernel.ts";
export { bytesPerElement } from "./memory.ts";
export { printKernel } from "./print.ts";
export { simplify } from "./simplify.ts";
export { transposeMatrix } from "./transposeMatrix.ts";
