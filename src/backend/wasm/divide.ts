/** Divides the kernels of a program between threads.
 *
 * A kernel that takes long enough is cut along one of its loops, where a cut changes no sum: each part
 * computes its results by the same instructions in the same order as the whole, so that the bits do not
 * depend on the number of threads. A short kernel goes to one thread. Kernels follow each other without a
 * barrier until a thread would touch memory that another one has written, or write what it has read.
 */

import type { Affine, Buffer, BufferId, Kernel } from "../../compile/index.ts";
import { bytesPerElement } from "../../compile/index.ts";
import { reachable } from "./dimensions.ts";
import type { ArrangeOptions, Loops } from "./loops.ts";
import { costOf, cutsOf, partOf } from "./parts.ts";
import { type Phase, type Task, tasksOf } from "./tasks.ts";

export interface DivideOptions extends ArrangeOptions {
  readonly threads: number;
  /** Cycles, roughly, below which a kernel is not divided. */
  readonly divideFrom: number;
}

/** A kernel that is divided pays for two barriers, a program for the start of the threads as well: it must
 * take as long as so many of the shortest kernels, some 0.1 ms. */
const kernelsForStart = 75;

/** The phases of a program; a single one, all of it on the first thread, where threads would not pay. */
export function divideProgram(kernels: readonly Kernel[], options: DivideOptions): Phase[] {
  const { buffers, threads, divideFrom } = options;
  const tasks = tasksOf(kernels, options);
  const cost = tasks.reduce((sum, { loops }) => sum + costOf(loops), 0);
  if (threads === 1 || cost < kernelsForStart * divideFrom) return [[tasks]];
  const schedule = new Schedule(threads, buffers);
  for (const task of tasks) {
    const parts = costOf(task.loops) < divideFrom ? undefined : divideLoops(task.loops, threads);
    if (parts === undefined) schedule.addWhole(task);
    else schedule.addParts(parts.map((loops) => loops && { ...task, loops }));
  }
  return schedule.phases;
}

/** Cycles, roughly, to read an element that another thread may have written: an operand had better be divided, the
 * larger one of two, and weights as they are when they are updated. */
const readCost = 0.5;

/** The part of the loops' time from which on that counts. */
const notable = 0.05;

/** A part of the loops for each thread, all about equal, undefined for one that gets nothing; undefined
 * where the loops cannot be divided. */
function divideLoops(loops: Loops, threads: number): (Loops | undefined)[] | undefined {
  if (loops.kind === "scatterAdd") return undefined;
  let best: { dim: number; step: number; units: number } | undefined;
  const whole = costOf(loops);
  let bestCost = whole;
  for (const { dim, step, extent, repeated = 0 } of cutsOf(loops)) {
    const units = Math.ceil(extent / step);
    const reading = Math.max(0, repeated * readCost - notable * whole);
    const cost = (whole * Math.ceil(units / threads)) / units + reading;
    if (units > 1 && cost < bestCost) {
      best = { dim, step, units };
      bestCost = cost;
    }
  }
  if (best === undefined) return undefined;
  const { dim, step, units } = best;
  return Array.from({ length: threads }, (_, thread) => {
    const from = step * Math.floor((thread * units) / threads);
    const to = step * Math.floor(((thread + 1) * units) / threads);
    return from === to ? undefined : partOf(loops, dim, from, to);
  });
}

/** Bytes of the arena that a task reads or writes. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly isWrite: boolean;
}

class Schedule {
  readonly phases: Task[][][] = [];
  readonly #buffers: readonly Buffer[];
  readonly #threads: number;
  /** What each thread touches in the last phase, and how long that takes. */
  #touched: Span[][] = [];
  #cost: number[] = [];

  constructor(threads: number, buffers: readonly Buffer[]) {
    this.#threads = threads;
    this.#buffers = buffers;
    this.#begin();
  }

  /** Gives a task to the thread that has least to do, of those that need not wait for another. */
  addWhole(task: Task): void {
    const spans = spansOf(task.loops, this.#buffers);
    let chosen = this.#leastBusy((thread) => !this.#isDisturbed(thread, spans));
    if (chosen === undefined) {
      this.#begin();
      chosen = 0;
    }
    this.#add(chosen, task, spans);
  }

  /** Gives each thread its part. */
  addParts(parts: readonly (Task | undefined)[]): void {
    const spans = parts.map((part) => (part ? spansOf(part.loops, this.#buffers) : []));
    if (spans.some((list, thread) => this.#isDisturbed(thread, list))) this.#begin();
    for (const [thread, part] of parts.entries()) {
      if (part !== undefined) this.#add(thread, part, spans[thread]);
    }
  }

  #begin(): void {
    const perThread = <T>(make: () => T): T[] => Array.from({ length: this.#threads }, make);
    this.phases.push(perThread(() => []));
    this.#touched = perThread(() => []);
    this.#cost = perThread(() => 0);
  }

  #add(thread: number, task: Task, spans: readonly Span[]): void {
    this.phases[this.phases.length - 1][thread].push(task);
    this.#touched[thread].push(...spans);
    this.#cost[thread] += costOf(task.loops);
  }

  #leastBusy(isAllowed: (thread: number) => boolean): number | undefined {
    let best: number | undefined;
    for (let thread = 0; thread < this.#threads; thread++) {
      if (!isAllowed(thread)) continue;
      if (best === undefined || this.#cost[thread] < this.#cost[best]) best = thread;
    }
    return best;
  }

  /** Whether another thread touches, in this phase, what a task on this one would. */
  #isDisturbed(thread: number, spans: readonly Span[]): boolean {
    return this.#touched.some(
      (others, other) =>
        other !== thread && others.some((theirs) => spans.some((span) => conflict(span, theirs))),
    );
  }
}

function conflict(a: Span, b: Span): boolean {
  return (a.isWrite || b.isWrite) && a.from < b.to && b.from < a.to;
}

function spansOf(loops: Loops, buffers: readonly Buffer[]): Span[] {
  const spans: Span[] = [];
  /** `beyond` counts the elements that follow each index. */
  const touch = (id: BufferId, at: Affine | undefined, isWrite: boolean, beyond = 0) => {
    const { offset, size, dtype } = buffers[id];
    let [first, last] = [0, size - 1];
    if (at !== undefined && loops.kind !== "scatterAdd") {
      let [low, high] = [at.offset, at.offset];
      for (const [dim, stride] of at.strides.entries()) {
        const reach = stride * (loops.extents[dim] - 1);
        if (reach < 0) low += reach;
        else high += reach;
      }
      // Indices outside the windows of a convolution are never read.
      first = Math.max(first, low);
      last = Math.min(last, high + beyond);
    }
    const bytes = bytesPerElement[dtype];
    spans.push({ from: offset + first * bytes, to: offset + (last + 1) * bytes, isWrite });
  };
  if (loops.kind === "scatterAdd") {
    touch(loops.indices, undefined, false);
    touch(loops.updates, undefined, false);
    touch(loops.target, undefined, true);
    return spans;
  }
  if (loops.kind === "patch") {
    const isGather = loops.direction === "gather";
    for (const { buffer, at } of [loops.values, loops.places]) touch(buffer, at, false);
    const { offset, strides } = loops.image.at;
    const starts = { offset, strides: strides.map((stride, dim) => (dim === 0 ? stride : 0)) };
    touch(loops.image.buffer, starts, !isGather, strides[0] - 1);
    touch(loops.weights.buffer, undefined, isGather);
    return spans;
  }
  const stores = [...(loops.kind === "reduce" ? loops.sideStores : []), ...loops.stores];
  for (const { buffer, at } of stores) touch(buffer, at, true);
  const inputs = loops.kind === "reduce" ? loops.inputs : [];
  for (const value of reachable([...inputs, ...stores.map((store) => store.value)])) {
    if (value.kind === "load") touch(value.buffer, value.at, false);
    else if (value.kind === "gather") touch(value.table, undefined, false);
    else if (value.kind === "random") touch(value.key, undefined, false);
  }
  if (loops.kind === "contract") {
    for (const { buffer, at } of [loops.a, loops.b]) touch(buffer, at, false);
    if (loops.start !== undefined) touch(loops.start.buffer, loops.start.at, false);
  }
  return spans;
}
