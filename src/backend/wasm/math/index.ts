/** Elementary functions for f32x4 and f64x2, emitted inline. */
export { ulpBounds } from "./accuracy.ts";
export type { Lanes, MathOptions } from "./context.ts";
export { type AngleImports, angleImports } from "./hugeAngle.ts";
export { emitMath, type MathFunction, type VectorFunction, vectorMath } from "./vectorMath.ts";
