/** Arenas: apart from each other, cleared, taken back and merged, in a memory that grows. */

import { expect, test } from "vitest";
import { Generator } from "../../util/index.ts";
import { type Arena, MemoryPool } from "./memoryPool.ts";

test("live arenas never overlap, are aligned, and start cleared", () => {
  const pool = new MemoryPool();
  const generator = new Generator(2);
  const live: Arena[] = [];
  for (let i = 0; i < 500; i++) {
    if (live.length > 0 && generator.uniform() < 0.45) {
      pool.release(live.splice(generator.integer(live.length), 1)[0]);
      continue;
    }
    const bytes = 1 + generator.integer(100_000);
    const arena = pool.allocate(bytes);
    expect(arena.bytes).toBeGreaterThanOrEqual(bytes);
    expect(arena.offset % 64).toBe(0);
    expect(arena.offset).toBeGreaterThanOrEqual(64);
    for (const other of live) {
      const apart =
        arena.offset + arena.bytes <= other.offset || other.offset + other.bytes <= arena.offset;
      expect(apart).toBe(true);
    }
    const view = new Uint8Array(pool.memory.buffer, arena.offset, arena.bytes);
    expect(view.every((byte) => byte === 0)).toBe(true);
    view.fill(255);
    live.push(arena);
  }
});

test("space that was released is used again, whole", () => {
  const pool = new MemoryPool();
  const arenas = [1000, 2000, 3000].map((bytes) => pool.allocate(bytes));
  const [first] = arenas;
  for (const index of [1, 0, 2]) pool.release(arenas[index]);
  const size = pool.memory.buffer.byteLength;
  expect(pool.allocate(6000).offset).toBe(first.offset);
  expect(pool.memory.buffer.byteLength).toBe(size);
});

test("more than the memory can hold is an error that says so", () => {
  expect(() => new MemoryPool().allocate(2 ** 32)).toThrow(/the limit is 4 GiB a backend/);
});
