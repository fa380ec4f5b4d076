/** Order of kernels and state updates: new state is written straight over the old where every reader
 * of the old has run, and through a copy at the end elsewhere. */

import { loopIndex, sameAffine } from "./affine.ts";
import type { BufferId, Kernel } from "./kernel.ts";
import { positionsBy } from "./positionsBy.ts";
import type { PendingBuffer } from "./storage.ts";
import { buffersReadBy, readsOf, renameBuffers, storesOf, writesOf } from "./traverse.ts";

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
  const reads = kernels.map(buffersReadBy);
  const writes = kernels.map((kernel) => new Set(writesOf(kernel)));
  const readersOf = positionsBy(reads, (buffers) => buffers);
  const writersOf = positionsBy(writes, (buffers) => buffers);
  const targetOf = new Map(updates.map((update) => [update.value, update.target]));
  const waitsFor = kernels.map((_, kernel) => {
    const earlier = [...reads[kernel]].flatMap((buffer) => writersOf.get(buffer) ?? []);
    for (const buffer of writes[kernel]) {
      earlier.push(...writersOf.get(buffer)!.filter((writer) => writer < kernel));
    }
    return earlier.filter((other) => other !== kernel);
  });
  const wishes = writes.map((written, kernel) =>
    [...written]
      .flatMap((buffer) => readersOf.get(targetOf.get(buffer) ?? none) ?? [])
      .filter((other) => other !== kernel),
  );
  const order: number[] = [];
  const remaining = new Set(kernels.keys());
  const isFree = (others: readonly number[]) => !others.some((other) => remaining.has(other));
  while (remaining.size > 0) {
    let next: number | undefined;
    for (const kernel of remaining) {
      if (!isFree(waitsFor[kernel])) continue;
      next ??= kernel;
      if (!isFree(wishes[kernel])) continue;
      next = kernel;
      break;
    }
    remaining.delete(next!);
    order.push(next!);
  }
  return order.map((kernel) => kernels[kernel]);
}

/** No buffer. */
const none = -1;

/** Whether the kernel that writes the new value may write over the old one: no later kernel reads the
 * old value, and the kernel itself reads it only at elements that it is about to write. */
function canWriteInPlace(ordered: readonly Kernel[], { target, value }: StateUpdate): boolean {
  const writers = ordered.filter((kernel) => writesOf(kernel).includes(value));
  const [writer] = writers;
  if (writers.length !== 1 || writer.kind === "scatterAdd" || writer.kind === "patch") return false;
  const stores = storesOf(writer).filter(({ buffer }) => buffer === value);
  if (writer.kind === "reduce" && writer.sideStores.some((store) => stores.includes(store))) {
    return false;
  }
  const own = readsOf(writer).filter((read) => read.buffer === target);
  const later = ordered.slice(ordered.indexOf(writer) + 1);
  return (
    own.every(({ at }) => at !== undefined && stores.some((store) => sameAffine(at, store.at))) &&
    !later.some((kernel) => buffersReadBy(kernel).has(target))
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
