/** Which kernels have to run after which: after those that write what they read. */

import type { BufferId, Kernel } from "./kernel.ts";
import { readsOf, writesOf } from "./traverse.ts";

const known = new WeakMap<Kernel, ReadonlySet<BufferId>>();

/** The buffers that a kernel reads. */
function buffersReadBy(kernel: Kernel): ReadonlySet<BufferId> {
  let buffers = known.get(kernel);
  if (buffers === undefined) {
    buffers = new Set(readsOf(kernel).map(({ buffer }) => buffer));
    known.set(kernel, buffers);
  }
  return buffers;
}

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
