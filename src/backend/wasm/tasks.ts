/** The kernels of a program as work for threads. */

import type { Kernel } from "../../compile/index.ts";
import { type ArrangeOptions, arrangeKernel, type Loops } from "./loops.ts";

/** A kernel, or a part of one, that one thread runs. */
export interface Task {
  readonly kernel: Kernel;
  /** Of the kernel in its program. */
  readonly position: number;
  readonly loops: Loops;
}

/** What each thread runs between two barriers, in order. */
export type Phase = readonly (readonly Task[])[];

/** The kernels whole, in their order; those that do nothing are left out. */
export function tasksOf(kernels: readonly Kernel[], options: ArrangeOptions): Task[] {
  return kernels.flatMap((kernel, position): Task[] => {
    const loops = arrangeKernel(kernel, options);
    return loops === undefined ? [] : [{ kernel, position, loops }];
  });
}
