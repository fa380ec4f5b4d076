/** Atomic instructions on 32-bit integers of a shared memory: `atomic.load(address, offset)`. */

import { unsigned } from "./code.ts";
import { type Expr, expression, prefixed, type Stmt, statement } from "./expression.ts";

/** Atomic accesses promise the natural alignment, 2² bytes; an engine traps where it does not hold. */
function aligned(offset: number): string {
  return `\x02${unsigned(offset)}`;
}

export const atomic = {
  load: (address: Expr<"i32">, offset = 0): Expr<"i32"> =>
    expression("i32", [address.code, prefixed(0xfe, 0x10), aligned(offset)]),

  store: (address: Expr<"i32">, offset: number, value: Expr<"i32">): Stmt =>
    statement([address.code, value.code, prefixed(0xfe, 0x17), aligned(offset)]),

  /** Sleeps while the number at the address is `expected`, for `timeout` nanoseconds at most, unless
   * notified: 0 when woken, 1 when the number was another, 2 after the timeout. Traps on a thread that
   * must not block, such as a page's. */
  wait: (
    address: Expr<"i32">,
    offset: number,
    expected: Expr<"i32">,
    timeout: Expr<"i64">,
  ): Expr<"i32"> =>
    expression("i32", [
      address.code,
      expected.code,
      timeout.code,
      prefixed(0xfe, 0x01),
      aligned(offset),
    ]),

  /** Wakes up to `count` threads that wait at the address: how many. */
  notify: (address: Expr<"i32">, offset: number, count: Expr<"i32">): Expr<"i32"> =>
    expression("i32", [address.code, count.code, prefixed(0xfe, 0x00), aligned(offset)]),
} as const;
