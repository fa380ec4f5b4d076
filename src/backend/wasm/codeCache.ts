/** What compiled programs are as plain data, and a place that keeps them for later processes. */

import type { StoragePlan } from "../../compile/index.ts";
import type { EmittedCode } from "./emitModule.ts";

/** All that it takes to run programs, without their kernels. */
export interface CompiledCode {
  readonly plan: StoragePlan;
  readonly emitted: EmittedCode;
}

/** Keeps compiled programs by a key: data that says all that the code depends on but the compiler itself. */
export interface CodeCache {
  /** What was kept for a key by the same compiler; undefined where there is nothing, or nothing whole. */
  find(key: CodeKey): CompiledCode | undefined;
  /** Keeps code, or does nothing where that cannot be. */
  keep(key: CodeKey, code: CompiledCode): void;
}

export type CodeKey = readonly unknown[];
