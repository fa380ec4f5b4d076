/** Order of kernels and state updates: new state is written straight over the old where every reader
 * of the old has run, and through a copy at the end elsewhere. */

import { loopIndex, sameAffine } from "./affine.ts";
import type { BufferId, Kernel } from "./kernel.ts";
import type { PendingBuffer } from "./storage.ts";
import { readsOf, renameBuffers, storesOf, writesOf } from "./traverse.ts";

/** A new value (in a buffer of its own) for a state buffer. */
export interface StateUpdate {
  readonly target: BufferId;
  readonly value: BufferId;
}

/** The kernels in an order that runs, updates included. */
export function scheduleKernels(
  kernels: readonly Kernel[],
  updates: readonly StateUpdate[],
  buffers: readonly PendingBuffer[],
): Kernel[] {
  const ordered = orderKernels(kernels, updates);
  const inPlace = new Map<BufferId, BufferId>();
  const copies: Kernel[] = [];
  for (const update of updates) {
    if (canWriteInPlace(ordered, update)) {
      inPlace.set(update.value, update.target);
    } else {
      copies.push(copyKernel(update, buffers[update.target]));
    }
  }
  const placed = ordered.map((kernel) =>
    renameBuffers(kernel, (buffer) => inPlace.get(buffer) ?? buffer),
  );
  return [...placed, ...copies];
}

/** Writers before readers and, where that leaves a choice, readers of old state before its new value
 * is written. Stable: otherwise the given order stays. */
function orderKernels(kernels: readonly Kernel[], updates: readonly StateUpdate[]): Kernel[] {
  const reads = kernels.map((kernel) => new Set(readsOf(kernel).map((read) => read.buffer)));
  const writes = kernels.map((kernel) => new Set(writesOf(kernel)));
  const waitsFor = kernels.map(() => new Set<number>());
  const wishes = kernels.map(() => new Set<number>());
  const targetOf = new Map(updates.map((update) => [update.value, update.target]));
  kernels.forEach((_, later) => {
    kernels.forEach((_, earlier) => {
      if (later === earlier) return;
      for (const buffer of writes[earlier]) {
        const isSame = writes[later].has(buffer) && earlier < later;
        if (reads[later].has(buffer) || isSame) waitsFor[later].add(earlier);
      }
      for (const buffer of writes[later]) {
        const target = targetOf.get(buffer);
        if (target !== undefined && reads[earlier].has(target)) wishes[later].add(earlier);
      }
    });
  });
  const order: number[] = [];
  const remaining = new Set(kernels.keys());
  const isFree = (others: ReadonlySet<number>) =>
    [...others].every((other) => !remaining.has(other));
  while (remaining.size > 0) {
    const ready = [...remaining].filter((kernel) => isFree(waitsFor[kernel]));
    const next = ready.find((kernel) => isFree(wishes[kernel])) ?? ready[0];
    remaining.delete(next);
    order.push(next);
  }
  return order.map((kernel) => kernels[kernel]);
}

/** Whether the kernel that writes the new value may write over the old one: no later kernel reads the
 * old value, and the kernel itself reads it only at the element that it is about to write. */
function canWriteInPlace(ordered: readonly Kernel[], { target, value }: StateUpdate): boolean {
  const writers = ordered.filter((kernel) => writesOf(kernel).includes(value));
  const [writer] = writers;
  if (writers.length !== 1 || writer.kind === "scatterAdd") return false;
  const store = storesOf(writer).find((candidate) => candidate.buffer === value)!;
  if (writer.kind === "reduce" && writer.sideStores.includes(store)) return false;
  const own = readsOf(writer).filter((read) => read.buffer === target);
  const later = ordered.slice(ordered.indexOf(writer) + 1);
  return (
    own.every((read) => read.at !== undefined && sameAffine(read.at, store.at)) &&
    later.every((kernel) => readsOf(kernel).every((read) => read.buffer !== target))
  );
}

function copyKernel({ target, value }: StateUpdate, buffer: PendingBuffer): Kernel {
  const at = loopIndex(0, 1);
  return {
    kind: "map",
    extents: [buffer.size],
    stores: [
      { buffer: target, at, value: { kind: "load", buffer: value, at, dtype: buffer.dtype } },
    ],
  };
}
