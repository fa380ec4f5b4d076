/** Memory planning: a place in one arena for every buffer; values that are never alive together share. */

import type { Buffer, BufferId, Kernel } from "./kernel.ts";
import type { PendingBuffer } from "./storage.ts";
import { buffersReadBy, writesOf } from "./traverse.ts";

/** Cache line; also covers the 16-byte vectors that may run past the end of a buffer. */
const alignment = 64;

/** Bytes of one stored element; a bool takes the 4 bytes of a lane mask, 0 or −1. */
export const bytesPerElement = { float32: 4, float64: 8, int32: 4, bool: 4 } as const;

/** Kept buffers one after the other, then, from the same start for each program (programs never run at
 * the same time), its temporary ones by first fit over their lifetimes. */
export function planMemory(
  buffers: readonly PendingBuffer[],
  programs: readonly (readonly Kernel[])[],
): { readonly buffers: Buffer[]; readonly arenaBytes: number } {
  const offsets = new Array<number>(buffers.length).fill(0);
  const bytes = buffers.map(({ dtype, size }) => align(size * bytesPerElement[dtype]));
  let start = 0;
  buffers.forEach(({ kept }, id) => {
    if (!kept) return;
    offsets[id] = start;
    start += bytes[id];
  });
  let end = start;
  for (const kernels of programs) {
    const placed: Placed[] = [];
    for (const life of lifetimesOf(kernels, buffers)) {
      const from = firstFit(life, bytes[life.id], placed, start);
      const to = from + bytes[life.id];
      offsets[life.id] = from;
      placed.push({ ...life, from, to });
      end = Math.max(end, to);
    }
  }
  return {
    buffers: buffers.map(({ dtype, size }, id) => ({ dtype, size, offset: offsets[id] })),
    arenaBytes: end + alignment,
  };
}

/** The kernels, first and last, between which a buffer holds a value. */
interface Lifetime {
  readonly id: BufferId;
  readonly first: number;
  readonly last: number;
}

/** Where it lies meanwhile, in bytes. */
interface Placed extends Lifetime {
  readonly from: number;
  readonly to: number;
}

function lifetimesOf(kernels: readonly Kernel[], buffers: readonly PendingBuffer[]): Lifetime[] {
  const spans = new Map<BufferId, { first: number; last: number }>();
  kernels.forEach((kernel, position) => {
    const touched = [...writesOf(kernel), ...buffersReadBy(kernel)];
    for (const id of touched) {
      const span = spans.get(id);
      if (span === undefined) spans.set(id, { first: position, last: position });
      else span.last = position;
    }
  });
  return [...spans].filter(([id]) => !buffers[id].kept).map(([id, span]) => ({ id, ...span }));
}

/** The first place from `start` on where `size` bytes are free all the time. */
function firstFit(life: Lifetime, size: number, placed: readonly Placed[], start: number): number {
  const neighbours = placed
    .filter((other) => other.first <= life.last && life.first <= other.last)
    .sort((a, b) => a.from - b.from);
  let offset = start;
  for (const { from, to } of neighbours) {
    if (from - offset >= size) break;
    offset = Math.max(offset, to);
  }
  return offset;
}

/** Rounds up to whole lines; an empty buffer still has a place of its own. */
function align(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / alignment)) * alignment;
}
