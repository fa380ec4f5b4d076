/** The type that all arithmetic of kernels is on. */

import type { Expr } from "./assembler/index.ts";

export type Vector = Expr<"v128">;
