/** What the vector functions are written in: one lane type's instructions, constants and polynomials. */

import {
  type Expr,
  type FunctionBuilder,
  f32x4,
  f64x2,
  i32x4,
  i64x2,
  type Local,
  type ModuleBuilder,
  v128,
} from "../assembler/index.ts";

export type Lanes = "f32x4" | "f64x2";
export type V = Expr<"v128">;
export type VLocal = Local<"v128">;

export interface MathOptions {
  /**
   * True: products and sums may be fused (relaxed SIMD; faster, and the last bit may differ between
   * machines). False: only multiplications and additions, bit-identical on every machine.
   */
  readonly madd: boolean;
  /** How many of the first lanes count, wherever the value is used (default: all). */
  readonly active?: number;
  /** Whether the short form will do: exp of numbers up to 0 (or NaN; of infinity it gives NaN), log of any that are
   * neither negative nor subnormal. */
  readonly isShort?: boolean;
  /** The module the function goes to; `sin`, `cos` add one internal function for huge arguments. */
  readonly module: ModuleBuilder;
  /**
   * How a floating-point constant reaches all lanes: return a preloaded local or a splat load, or
   * undefined for an immediate. V8 rebuilds immediates in every trip of a loop: functions run 1.5
   * to 2 times as fast with constants in locals. -0 and subnormal numbers occur as bit patterns.
   */
  readonly constants?: (lanes: Lanes, value: number) => V | undefined;
}

interface Format {
  readonly float: typeof f32x4 | typeof f64x2;
  readonly int: typeof i32x4 | typeof i64x2;
  readonly mantissaBits: number;
  readonly bias: number;
  /** 1.5 * 2^mantissaBits: adding it rounds to an integer, which the low bits then hold. */
  readonly rounder: number;
}

function format(lanes: Lanes): Format {
  return lanes === "f32x4"
    ? { float: f32x4, int: i32x4, mantissaBits: 23, bias: 127, rounder: 12582912 }
    : { float: f64x2, int: i64x2, mantissaBits: 52, bias: 1023, rounder: 6755399441055744 };
}

/** Terms of a polynomial that is computed in one go. */
const fewTerms = 5;

/** Emits into one function for one lane type. Temporaries belong to the caller's scope. */
export class VectorContext {
  readonly f: FunctionBuilder;
  readonly lanes: Lanes;
  readonly options: MathOptions;
  readonly float: Format["float"];
  readonly int: Format["int"];
  readonly mantissaBits: number;
  /** Of an exponent in a number's bits. */
  readonly bias: number;
  readonly rounder: number;

  constructor(f: FunctionBuilder, lanes: Lanes, options: MathOptions) {
    const { float, int, mantissaBits, bias, rounder } = format(lanes);
    this.f = f;
    this.lanes = lanes;
    this.options = options;
    this.float = float;
    this.int = int;
    this.mantissaBits = mantissaBits;
    this.bias = bias;
    this.rounder = rounder;
  }

  /** The same function and options with the other lane type. */
  with(lanes: Lanes): VectorContext {
    return new VectorContext(this.f, lanes, this.options);
  }

  /** The value computed once, in a local of the current scope. */
  let(value: V): VLocal {
    return this.f.hold(value);
  }

  /** A number in all lanes. */
  c(value: number): V {
    return this.options.constants?.(this.lanes, value) ?? this.float.constant(value);
  }

  /** A bit pattern in all lanes, as an integer of the lanes' width. */
  bits(value: bigint): V {
    // Through `c` where a number has these bits, so that integers are hoisted like all constants.
    const double = this.lanes === "f64x2";
    const number = withBits(value, double);
    if (!Number.isNaN(number)) return this.c(number);
    return double ? i64x2.constant(value) : i32x4.constant(Number(value));
  }

  /** The sign bit of all lanes. */
  get signBit(): V {
    return this.c(-0);
  }

  add(a: V, b: V): V {
    return this.float.add(a, b);
  }

  sub(a: V, b: V): V {
    return this.float.sub(a, b);
  }

  mul(a: V, b: V): V {
    return this.float.mul(a, b);
  }

  /** a·b + c */
  madd(a: V, b: V, c: V): V {
    return this.options.madd ? this.float.relaxedMadd(a, b, c) : this.add(this.mul(a, b), c);
  }

  /** c − a·b */
  nmadd(a: V, b: V, c: V): V {
    return this.options.madd ? this.float.relaxedNmadd(a, b, c) : this.sub(c, this.mul(a, b));
  }

  /** A polynomial, coefficients from the highest power down to the constant. By Horner's rule; a longer one by
   * Horner's rule in x² over pairs (c₁x + c₀), which waits half as long for each other. Each pair is computed where
   * it is added: all pairs of all that is computed at once would not fit in the registers. Of a
   * long one, what takes turns does so at each step. */
  polynomial(x: VLocal, coefficients: readonly number[], square?: VLocal): V {
    if (coefficients.length < (this.options.madd ? 4 : 8)) return this.#horner(x, coefficients);
    const step = square ?? this.let(this.mul(x, x));
    const odd = coefficients.length % 2;
    let sum: V = this.#horner(x, coefficients.slice(0, 2 - odd));
    for (let i = 2 - odd; i < coefficients.length; i += 2) {
      sum = this.madd(sum, step, this.#horner(x, coefficients.slice(i, i + 2)));
      if (coefficients.length > fewTerms) sum = this.let(sum);
    }
    return sum;
  }

  #horner(x: V, [first, ...rest]: readonly number[]): V {
    return rest.reduce((sum, coefficient) => this.madd(sum, x, this.c(coefficient)), this.c(first));
  }

  /** `mask ? a : b` with masks of whole lanes. */
  select(mask: V, a: V, b: V): V {
    return this.options.madd ? this.int.relaxedLaneselect(a, b, mask) : v128.bitselect(a, b, mask);
  }

  /** The value, at most the limit; NaN stays NaN (`pmin` returns its first operand then). */
  atMost(value: V, limit: number): V {
    return this.float.pmin(value, this.c(limit));
  }

  /** The value, at least the limit; NaN stays NaN. */
  atLeast(value: V, limit: number): V {
    return this.float.pmax(value, this.c(limit));
  }

  /** |a| with the sign of b, where a ≥ 0. */
  withSignOf(a: V, b: V): V {
    return v128.or(a, v128.and(b, this.signBit));
  }

  /** 2ⁿ of the integer n that `rounded` = n + rounder holds, n within the normal exponents. */
  powerOfTwo(rounded: V): V {
    return this.int.add(this.int.shl(rounded, this.mantissaBits), this.c(1));
  }

  /**
   * value · 2ⁿ for integers n (as floating point) of up to twice the exponent range, in two exact
   * factors of which only the last can round: subnormal results are rounded once, and too large
   * ones become infinite.
   */
  scale(value: V, n: V): V {
    const rounder = this.c(this.rounder);
    const half = this.let(this.madd(n, this.c(0.5), rounder));
    const rest = this.add(this.sub(n, this.sub(half, rounder)), rounder);
    return this.mul(this.mul(value, this.powerOfTwo(half)), this.powerOfTwo(rest));
  }

  /**
   * Splits positive numbers, "normal" ones only or "any", into x = m·2ᵉ with
   * lowest ≤ m < 2·lowest and e as floating point. Other numbers give meaningless parts.
   */
  split(
    x: VLocal,
    lowest: number,
    range: "any" | "normal",
  ): { readonly m: VLocal; readonly e: VLocal } {
    if (range === "normal") return this.#splitNormal(x, lowest);
    const smallest = this.lanes === "f64x2" ? 2 ** -1022 : 2 ** -126;
    const lift = this.mantissaBits + 1;
    const subnormal = this.let(this.float.lt(x, this.c(smallest)));
    const lifted = this.select(subnormal, this.mul(x, this.c(2 ** lift)), x);
    const { m, e } = this.#splitNormal(this.let(lifted), lowest);
    return { m, e: this.let(this.sub(e, v128.and(subnormal, this.c(lift)))) };
  }

  #splitNormal(x: VLocal, lowest: number): { readonly m: VLocal; readonly e: VLocal } {
    const { int, mantissaBits } = this;
    if (this.lanes === "f32x4") {
      const fromLowest = int.sub(x, this.bits(bitsOf(lowest, false)));
      const exponent = this.let(i32x4.shrS(fromLowest, mantissaBits));
      const m = this.let(int.sub(x, int.shl(exponent, mantissaBits)));
      return { m, e: this.let(f32x4.convertI32x4S(exponent)) };
    }
    const fromLowest = this.bits(bitsOf(1, true) - bitsOf(lowest, true));
    const biased = this.let(int.shrU(int.add(x, fromLowest), mantissaBits));
    const m = this.let(int.add(int.sub(x, int.shl(biased, mantissaBits)), this.c(1)));
    // The biased exponent becomes a number by being put under the bits of a power of two.
    const base = 2 ** mantissaBits;
    const e = this.let(this.sub(v128.or(biased, this.c(base)), this.c(base + this.bias)));
    return { m, e };
  }
}

/** The bits of a positive number. */
function bitsOf(value: number, double: boolean): bigint {
  return double
    ? new BigInt64Array(Float64Array.of(value).buffer)[0]
    : BigInt(new Int32Array(Float32Array.of(value).buffer)[0]);
}

function withBits(bits: bigint, double: boolean): number {
  return double
    ? new Float64Array(BigInt64Array.of(bits).buffer)[0]
    : new Float32Array(Int32Array.of(Number(bits)).buffer)[0];
}

/** Computes with f64x2 what is asked of f32x4: both halves are widened, computed, and rounded; the lower one
 * alone where no lane of the other counts. */
export function inDoubles(
  k: VectorContext,
  args: readonly V[],
  compute: (wide: VectorContext, ...args: VLocal[]) => V,
): V {
  const wide = k.with("f64x2");
  const half = (pick: (a: V) => V) =>
    k.let(
      f32x4.demoteF64x2Zero(
        compute(wide, ...args.map((a) => k.let(f64x2.promoteLowF32x4(pick(a))))),
      ),
    );
  const low = half((a) => a);
  if ((k.options.active ?? 4) <= 2) return low;
  const high = half((a) => i64x2.shuffle(a, a, [1, 0]));
  return i64x2.shuffle(low, high, [0, 2]);
}
