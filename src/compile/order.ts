/** Which kernels have to run after which: after those that write what they read. */

import type { Kernel } from "./kernel.ts";
import { buffersReadBy, writesOf } from "./traverse.ts";

/** Whether a kernel reads what another one writes. */
function readsFrom(kernel: Kernel, other: Kernel): boolean {
  const buffers = buffersReadBy(kernel);
  return writesOf(other).some((buffer) => buffers.has(buffer));
}

/** Whether a kernel has to run after another one, by itself or because of kernels between them. */
export function runsAfter(kernels: readonly Kernel[], kernel: Kernel, other: Kernel): boolean {
  const seen = new Set<Kernel>([other]);
  // A set goes on to what is added to it meanwhile.
  for (const earlier of seen) {
    if (readsFrom(kernel, earlier)) return true;
    for (const reader of kernels) if (readsFrom(reader, earlier)) seen.add(reader);
  }
  return false;
}
