/** Threefry-2x32, 20 rounds: the counter-based generator behind every random number of Chainrule.
 *
 * A pure function (key, counter) -> two random words, so that a number depends on its address only,
 * never on threads or on order. Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011.
 */

/** Rotations of the 2x32 variant; rounds 1–4 use the first four, rounds 5–8 the last four, and so on. */
export const threefryRotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

const [r0, r1, r2, r3, r4, r5, r6, r7] = threefryRotations;

/** Skein's key-schedule constant. */
export const threefryParity = 0x1bd11bda;

/** Two random 32-bit words (as int32) for the key (k0, k1) and the counter (c0, c1). */
export function threefry2x32(
  k0: number,
  k1: number,
  c0: number,
  c1: number,
): readonly [number, number] {
  // The keys take turns: after every four rounds the next two are added, of three.
  let key = k1 | 0;
  let next = k0 ^ k1 ^ threefryParity;
  let last = k0 | 0;
  let x0 = (c0 + last) | 0;
  let x1 = (c1 + key) | 0;
  for (let injection = 1; injection <= 5; injection++) {
    const isOdd = injection % 2 === 1;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? r0 : r4) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? r1 : r5) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? r2 : r6) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = rotated(x1, isOdd ? r3 : r7) ^ x0;
    x0 = (x0 + key) | 0;
    x1 = (x1 + next + injection) | 0;
    const used = key;
    key = next;
    next = last;
    last = used;
  }
  return [x0, x1];
}

function rotated(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}
