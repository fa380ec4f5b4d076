/** A small typed WebAssembly assembler. */

export { atomic } from "./atomic.ts";
export type { Code } from "./code.ts";
export type { Expr, Stmt, ValueType } from "./expression.ts";
export { detectFeatures, type Features } from "./features.ts";
export {
  type Callable,
  call,
  FunctionBuilder,
  type FunctionOptions,
  type Label,
  type Local,
} from "./functionBuilder.ts";
export { type Global, type MemoryLimits, ModuleBuilder, type Signature } from "./moduleBuilder.ts";
export { drop, f32, f64, i32, i64, memory, select, unreachable } from "./scalar.ts";
export { f32x4, f64x2, i32x4, i64x2, v128 } from "./vector.ts";
