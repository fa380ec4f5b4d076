/** What every kernel emitter is given: the function to write to, the arena and its options. */

import {
  type Buffer,
  type BufferId,
  bytesPerElement,
  type RowsAhead,
} from "../../compile/index.ts";
import type { FunctionBuilder, Local, ModuleBuilder } from "./assembler/index.ts";
import type { Constants } from "./constants.ts";
import type { Slots } from "./slots.ts";

export interface KernelContext {
  readonly module: ModuleBuilder;
  /** The kernel's own function; its only parameter is the address of the arena. */
  readonly f: FunctionBuilder;
  readonly base: Local<"i32">;
  readonly constants: Constants;
  readonly buffers: readonly Buffer[];
  /** Whether `a · b + c` may be one relaxed instruction. */
  readonly madd: boolean;
  readonly slots: Slots;
  /** What the kernel asks for on the way, of the next run. */
  readonly ahead?: readonly RowsAhead[];
  /** Tables of which the run before asked for rows. */
  readonly askedFor?: ReadonlySet<BufferId>;
}

export function elementBytes(context: KernelContext, buffer: BufferId): number {
  return bytesPerElement[context.buffers[buffer].dtype];
}
