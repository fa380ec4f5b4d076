/** Asks for the rows that the next run of a program copies, while this one computes: each line of them is loaded
 * and dropped, a few at a time between the tiles of a product.
 *
 * A load that waits for memory holds up what follows it, but not while other loads wait as well: so one line of
 * each of some rows at once. Lines follow each other in later turns, which the processor learns to foresee.
 */

import type { RowsAhead } from "../../compile/index.ts";
import { drop, i32, type Local, select, v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";

/** Bytes of a cache line. */
const line = 64;

/** Rows at once, at most: a core waits for some twenty lines. */
const mostRows = 12;

/** Never, as a number of tiles to wait. */
const never = 0x7fffffff;

/** How often to ask, and for how many rows at once; undefined where there are too few tiles. */
function turnsOf({ count, rowBytes }: RowsAhead, tiles: number) {
  let rows = Math.min(count, mostRows);
  while (count % rows !== 0) rows--;
  const lines = Math.ceil(rowBytes / line);
  const every = Math.floor(tiles / ((count / rows) * lines));
  return every > 0 ? { rows, lines, every } : undefined;
}

export function canTouchAhead(ahead: RowsAhead, tiles: number): boolean {
  return turnsOf(ahead, tiles) !== undefined;
}

export class TouchAhead {
  readonly #context: KernelContext;
  readonly #ahead: RowsAhead;
  readonly #turns: { readonly rows: number; readonly lines: number; readonly every: number };
  /** Tiles until the next turn. */
  readonly #left: Local<"i32">;
  /** How far the rows' line, and the first of the rows' indices, are behind the start of the arena. */
  readonly #line: Local<"i32">;
  readonly #first: Local<"i32">;

  constructor(context: KernelContext, ahead: RowsAhead, tiles: number) {
    const { f } = context;
    this.#context = context;
    this.#ahead = ahead;
    this.#turns = turnsOf(ahead, tiles)!;
    this.#left = f.hold(i32.const(this.#turns.every));
    this.#line = f.hold(i32.const(0));
    this.#first = f.hold(i32.const(0));
  }

  /** To be emitted in each tile. */
  emit(): void {
    const { f, base, buffers } = this.#context;
    const { table, indices, count, rowBytes } = this.#ahead;
    const { rows, lines, every } = this.#turns;
    const [left, at, first] = [this.#left, this.#line, this.#first];
    f.set(left, i32.sub(left, i32.const(1)));
    f.if(i32.eqz(left), () => {
      f.scoped(() => {
        const start = f.hold(i32.add(base, at));
        const numbers = f.hold(i32.add(base, first));
        for (let i = 0; i < rows; i++) {
          const row = i32.load(numbers, buffers[indices].offset + 4 * i);
          const address = i32.add(start, i32.mul(row, i32.const(rowBytes)));
          f.emit(drop(v128.load32Zero(address, buffers[table].offset)));
        }
      });
      f.set(left, i32.const(every));
      f.advance(at, line);
      f.if(i32.eq(at, i32.const(line * lines)), () => {
        f.set(at, i32.const(0));
        f.advance(first, 4 * rows);
        const isLast = i32.eq(first, i32.const(4 * count));
        f.set(left, select(i32.const(never), left, isLast));
      });
    });
  }
}
