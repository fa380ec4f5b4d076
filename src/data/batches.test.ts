import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "../util/index.ts";
import { batchCount, batchIndices, epochOrder } from "./batches.ts";

test("the batches of an epoch are its order, cut into pieces with a partial last one", () => {
  fc.assert(
    fc.property(
      fc.nat(200),
      fc.integer({ min: 1, max: 50 }),
      fc.nat(9),
      fc.nat(),
      (n, size, epoch, seed) => {
        const order = epochOrder(n, { seed, epoch });
        const batches = [...batchIndices(n, size, { seed, epoch })];
        expect(batches.flatMap((batch) => [...batch])).toEqual([...order]);
        expect(batches.length).toBe(batchCount(n, size));
        batches.forEach((batch, i) => {
          expect(batch.length).toBe(i < batches.length - 1 ? size : n - size * i);
          expect(batch.buffer).toBe(batches[0].buffer);
        });
      },
    ),
  );
});

test("an epoch's order is a permutation that depends on the seed and the epoch only", () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(), fc.nat(99), (n, seed, epoch) => {
      const order = epochOrder(n, { seed, epoch });
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      expect(epochOrder(n, { seed, epoch })).toEqual(order);
    }),
  );
  const orders = [
    epochOrder(50, { seed: 1, epoch: 0 }),
    epochOrder(50, { seed: 1, epoch: 1 }),
    epochOrder(50, { seed: 2, epoch: 0 }),
  ].map((order) => order.join());
  expect(new Set(orders).size).toBe(3);
});

test("unshuffled, the rows come in their own order", () => {
  expect([...batchIndices(5, 2, { shuffle: false })].map((batch) => [...batch])).toEqual([
    [0, 1],
    [2, 3],
    [4],
  ]);
});

test("the first place of an epoch's order is uniform over the rows", () => {
  // 4 cells of 1000 expected: χ² with 3 degrees of freedom stays under 16.3 with probability 0.999.
  const counts = [0, 0, 0, 0];
  for (let epoch = 0; epoch < 4000; epoch++) counts[epochOrder(4, { epoch })[0]]++;
  const chi = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chi).toBeLessThan(16.3);
});

test("sizes that are not whole numbers are refused", () => {
  expect(() => batchCount(10, 0)).toThrow(
    new UsageError("Batches: expected the batch size to be a whole number of at least 1, got 0."),
  );
  expect(() => epochOrder(1.5)).toThrow(UsageError);
  expect(() => epochOrder(3, { epoch: -1 })).toThrow(/epoch/);
});
