/** Threefry-2x32, 20 rounds: the counter-based generator behind every random number of Chainrule.
 *
 * A pure function (key, counter) -> two random words, so that a number depends on its address only,
 * never on threads or on order. Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011.
 */

/** Rotations of the 2x32 variant; rounds 1–4 use the first four, rounds 5–8 the last four, and so on. */
export const threefryRotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;

/** Skein's key-schedule constant. */
export const threefryParity = 0x1bd11bda;

/** Two random 32-bit words (as int32) for the key (k0, k1) and the counter (c0, c1). */
export function threefry2x32(
  k0: number,
  k1: number,
  c0: number,
  c1: number,
): readonly [number, number] {
  const keys = [k0 | 0, k1 | 0, k0 ^ k1 ^ threefryParity];
  let x0 = (c0 + keys[0]) | 0;
  let x1 = (c1 + keys[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = threefryRotations[round % 8];
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    if (round % 4 === 3) {
      const injection = (round + 1) / 4;
      x0 = (x0 + keys[injection % 3]) | 0;
      x1 = (x1 + keys[(injection + 1) % 3] + injection) | 0;
    }
  }
  return [x0, x1];
}
