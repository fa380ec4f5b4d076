/** sin and cos of one huge number, exactly reduced: functions that modules import and call for the rare lanes
 * beyond their own reduction. */

import type { Callable, ModuleBuilder } from "../assembler/index.ts";

// (sin y − y)/y³ and (cos y − 1 + y²/2)/y⁴ on |y| ≤ π/4, highest powers of y² first; fdlibm k_sin.c, k_cos.c.
export const SIN_F64 = [
  1.58969099521155e-10, -2.5050760253406863e-8, 2.7557313707070068e-6, -0.0001984126982985795,
  0.00833333333332249, -0.16666666666666632,
];
export const COS_F64 = [
  -1.1359647557788195e-11, 2.087572321298175e-9, -2.7557314351390663e-7, 2.480158728947673e-5,
  -0.001388888888887411, 0.0416666666666666,
];

/** What modules with sin or cos import, in `env`. */
export interface AngleImports {
  /** sin x and cos x; NaN for infinities. */
  sinHuge(x: number): number;
  cosHuge(x: number): number;
}

/** The import of a module. */
export function hugeTrigonometric(
  module: ModuleBuilder,
  name: "sin" | "cos",
): Callable<readonly ["f64"], readonly ["f64"]> {
  return module.importFunction("env", `${name}Huge`, { params: ["f64"], results: ["f64"] });
}

/** Binary places of π. Numbers below 2¹⁰²⁴ leave 250 of an angle in turns. */
const places = 1280n;

/** Binary places of an angle. That of no number is below 2⁻⁶². */
const anglePlaces = 256n;

export function angleImports(): AngleImports {
  let halfPi: bigint | undefined;

  /** x = turns·π/2 + y + low, |y| ≤ π/4. */
  function reduced(x: number) {
    // Machin: π/4 = 4 arctan 1/5 − arctan 1/239.
    halfPi ??= 8n * inverseArctangent(5n) - 2n * inverseArctangent(239n);
    // A whole number of 2⁻³⁴, as doubles from 2¹⁹ on are. What is asked for smaller ones is not used.
    const [integer, point] =
      Math.abs(x) < 2 ** 53 ? [BigInt(Math.trunc(x * 2 ** 34)), 34n] : [BigInt(x), 0n];
    const inTurns = (integer << (places + anglePlaces - point)) / halfPi;
    const turns = (inTurns + (1n << (anglePlaces - 1n))) >> anglePlaces;
    const angle = ((inTurns - (turns << anglePlaces)) * halfPi) >> places;
    const y = Number(angle);
    const unit = 2 ** -Number(anglePlaces);
    return { turns: Number(turns & 3n), y: y * unit, low: Number(angle - BigInt(y)) * unit };
  }

  /** sin(x + quarters·π/2) */
  function sine(x: number, quarters: number): number {
    if (!Number.isFinite(x)) return Number.NaN;
    const { turns, y, low } = reduced(x);
    const quadrant = (turns + quarters) & 3;
    const value = quadrant & 1 ? kernelCosine(y, low) : kernelSine(y, low);
    return quadrant & 2 ? -value : value;
  }

  return { sinHuge: (x) => sine(x, 0), cosHuge: (x) => sine(x, 1) };
}

/** arctan(1/x) with `places` binary places. */
function inverseArctangent(x: bigint): bigint {
  let sum = 0n;
  let power = (1n << places) / x;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += power / k;
    power /= -x * x;
  }
  return sum;
}

/** sin(y + low), fdlibm k_sin.c. */
function kernelSine(y: number, low: number): number {
  const z = y * y;
  const cube = z * y;
  const r = polynomial(z, SIN_F64.slice(0, -1));
  return y - (z * (0.5 * low - cube * r) - low - cube * SIN_F64[5]);
}

/** cos(y + low), fdlibm k_cos.c. */
function kernelCosine(y: number, low: number): number {
  const z = y * y;
  const half = 0.5 * z;
  const w = 1 - half;
  return w + (1 - w - half + (z * z * polynomial(z, COS_F64) - y * low));
}

function polynomial(x: number, coefficients: readonly number[]): number {
  return coefficients.reduce((sum, c) => sum * x + c);
}
