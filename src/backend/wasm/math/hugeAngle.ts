/** sin and cos of one huge number: exact reduction by Payne and Hanek, as an internal scalar function. */

import {
  type Callable,
  call,
  type Expr,
  FunctionBuilder,
  f64,
  i32,
  i64,
  type Local,
  type ModuleBuilder,
  select,
} from "../assembler/index.ts";

// (sin y − y)/y³ and (cos y − 1 + y²/2)/y⁴ on |y| ≤ π/4, highest powers of y² first; fdlibm k_sin.c, k_cos.c.
export const SIN_F64 = [
  1.58969099521155e-10, -2.5050760253406863e-8, 2.7557313707070068e-6, -0.0001984126982985795,
  0.00833333333332249, -0.16666666666666632,
];
export const COS_F64 = [
  -1.1359647557788195e-11, 2.087572321298175e-9, -2.7557314351390663e-7, 2.480158728947673e-5,
  -0.001388888888887411, 0.0416666666666666,
];

// The binary digits of 2/π, 32 in a word, after two words of leading zeros.
const TWO_OVER_PI: readonly bigint[] = [
  0n,
  0n,
  0xa2f9836en,
  0x4e441529n,
  0xfc2757d1n,
  0xf534ddc0n,
  0xdb629599n,
  0x3c439041n,
  0xfe5163abn,
  0xdebbc561n,
  0xb7246e3an,
  0x424dd2e0n,
  0x06492eean,
  0x09d1921cn,
  0xfe1deb1cn,
  0xb129a73en,
  0xe88235f5n,
  0x2ebb4484n,
  0xe99c7026n,
  0xb45f7e41n,
  0x3991d639n,
  0x835339f4n,
  0x9c845f8bn,
  0xbdf9283bn,
  0x1ff897ffn,
  0xde05980fn,
  0xef2f118bn,
  0x5a0a6d1fn,
  0x6d367ecfn,
  0x27cb09b7n,
  0x4f463f66n,
  0x9e5fea2dn,
  0x7527bac7n,
  0xebe5f17bn,
  0x3d0739f7n,
  0x8a5292ean,
  0x6bfb5fb1n,
  0x1f8d5d08n,
  0x56033046n,
  0xfc7b6babn,
  0xf0cfbc20n,
];

type I64 = Expr<"i64">;
type F64 = Expr<"f64">;

/** The internal function (f64) -> f64 that computes sin or cos of |x| ≥ 2^19 exactly reduced; NaN for infinities. */
export function hugeTrigonometric(
  module: ModuleBuilder,
  name: "sin" | "cos",
): Callable<readonly ["f64"], readonly ["f64"]> {
  const digits = module.helper("math.twoOverPi", twoOverPi);
  return module.helper(`math.${name}Huge`, () => build(name, digits));
}

/** word(i): the i-th word of 2/π, by binary search over immediates, so that no memory is needed. */
function twoOverPi() {
  const f = new FunctionBuilder({ name: "math.twoOverPi", params: ["i32"], results: ["i64"] });
  const index = f.param(0);
  const search = (low: number, high: number): void => {
    if (high - low === 1) {
      f.return(i64.const(TWO_OVER_PI[low]));
      return;
    }
    const middle = (low + high) >> 1;
    f.if(
      i32.ltS(index, i32.const(middle)),
      () => search(low, middle),
      () => search(middle, high),
    );
  };
  search(0, TWO_OVER_PI.length);
  return f;
}

function build(name: "sin" | "cos", word: Callable<readonly ["i32"], readonly ["i64"]>) {
  const f = new FunctionBuilder({ name: `math.${name}Huge`, params: ["f64"], results: ["f64"] });
  const x = f.param(0);
  f.if(f64.eq(f64.sub(x, x), f64.const(0)), () => {
    const { turns, y, low } = reduce(f, x, word);
    const quarter = i32.and(i32.add(turns, i32.const(name === "sin" ? 0 : 1)), i32.const(3));
    const q = f.hold(quarter);
    const sin = f.hold(sine(f, y, low));
    const value = f.hold(select(cosine(f, y, low), sin, i32.and(q, i32.const(1))));
    f.return(select(f64.neg(value), value, i32.and(q, i32.const(2))));
  });
  f.return(f64.const(Number.NaN));
  return f;
}

/**
 * x = turns·π/2 + y + low. With |x| = M·2^E, M an integer of 53 bits, digits of 2/π of weight 2^(2−E)
 * and more contribute multiples of 4 turns, and 192 digits after them leave an error below 2^-137:
 * M times their integer, modulo 2^192, has the turns in its top two bits and the fraction below.
 */
function reduce(
  f: FunctionBuilder,
  x: F64,
  word: Callable<readonly ["i32"], readonly ["i64"]>,
): { turns: Local<"i32">; y: Local<"f64">; low: Local<"f64"> } {
  const mask = i64.const(0xffffffffn);
  const low32 = (a: I64) => i64.and(a, mask);
  const high32 = (a: I64) => i64.shrU(a, i64.const(32n));

  const bits = f.hold(i64.reinterpretF64(x));
  const exponent = i64.and(i64.shrU(bits, i64.const(52n)), i64.const(0x7ffn));
  const mantissa = f.hold(i64.or(i64.and(bits, i64.const((1n << 52n) - 1n)), i64.const(1n << 52n)));
  // E = exponent − 1075, and the table starts with 64 zeros: the first digit wanted is E − 2 + 64.
  const start = f.hold(i32.sub(i32.wrapI64(exponent), i32.const(1075 + 2 - 64)));
  const index = f.hold(i32.shrU(start, i32.const(5)));
  const shift = f.hold(i64.extendI32U(i32.and(start, i32.const(31))));
  const previous = f.hold(call(word, index));
  const window: Local<"i64">[] = [];
  for (let j = 0; j < 6; j++) {
    const next = f.hold(call(word, i32.add(index, i32.const(j + 1))));
    const pair = i64.or(i64.shl(previous, i64.const(32n)), next);
    window.push(f.hold(high32(i64.shl(pair, shift))));
    f.set(previous, next);
  }

  // Schoolbook multiplication in digits of 32 bits, most significant first.
  const product: Local<"i64">[] = [];
  const multiply = (factor: I64, offset: number) => {
    const digit = f.hold(factor);
    const carry = f.hold(i64.const(0n));
    for (let j = 5; j >= offset; j--) {
      const sum = i64.add(i64.mul(digit, window[j]), carry);
      const position = j - offset;
      const total = f.hold(offset === 0 ? sum : i64.add(sum, product[position]));
      product[position] = f.hold(low32(total));
      f.set(carry, high32(total));
    }
  };
  multiply(low32(mantissa), 0);
  multiply(high32(mantissa), 1);

  const join = (...parts: readonly [number, bigint][]) =>
    parts
      .map(([j, by]) =>
        by >= 0n ? i64.shl(product[j], i64.const(by)) : i64.shrU(product[j], i64.const(-by)),
      )
      .reduce((a, b) => i64.or(a, b));
  const fraction = f.hold(join([0, 34n], [1, 2n], [2, -30n]));
  const rest = f.hold(join([2, 34n], [3, 2n], [4, -30n]));
  // To the nearest turn: a fraction of a half and more is negative; then work with its magnitude.
  const turns = f.hold(
    i32.wrapI64(i64.add(i64.shrU(product[0], i64.const(30n)), i64.shrU(fraction, i64.const(63n)))),
  );
  const negative = f.hold(i64.shrS(fraction, i64.const(63n)));
  f.set(fraction, i64.xor(fraction, negative));
  f.set(rest, i64.xor(rest, negative));

  // Shifted so that the fraction's leading bit is bit 62: its value is (fraction + rest/2^64)·unit.
  const zeros = f.hold(i64.sub(i64.clz(fraction), i64.const(1n)));
  const carried = i64.shrU(i64.shrU(rest, i64.const(1n)), i64.sub(i64.const(63n), zeros));
  f.set(fraction, i64.or(i64.shl(fraction, zeros), carried));
  f.set(rest, i64.shl(rest, zeros));
  const unit = f.hold(
    f64.reinterpretI64(i64.shl(i64.sub(i64.const(1023n - 64n), zeros), i64.const(52n))),
  );

  // y = fraction·π/2: the leading 25 bits times the leading 26 of π/2 are exact.
  const headMask = -(1n << 38n);
  const head = f.hold(f64.mul(f64.convertI64S(i64.and(fraction, i64.const(headMask))), unit));
  const tail = f.hold(
    f64.mul(
      f64.add(
        f64.convertI64S(i64.and(fraction, i64.const(~headMask))),
        f64.mul(f64.convertI64U(rest), f64.const(2 ** -64)),
      ),
      unit,
    ),
  );
  const piHead = f64.const(1.5707963109016418);
  const piTail = f64.const(1.5893254773528196e-8);
  const a = f.hold(f64.mul(head, piHead));
  const b = f.hold(f64.add(f64.mul(head, piTail), f64.mul(tail, f64.const(Math.PI / 2))));
  const y = f.hold(f64.add(a, b));
  const low = f.hold(f64.sub(b, f64.sub(y, a)));

  // The angle's sign is the fraction's, and everything turns round for negative x.
  const flip = f.hold(i64.xor(i64.shrS(bits, i64.const(63n)), negative));
  const signed = (value: F64) =>
    f64.reinterpretI64(i64.xor(i64.reinterpretF64(value), i64.and(flip, i64.const(1n << 63n))));
  f.set(y, signed(y));
  f.set(low, signed(low));
  const backwards = i64.ltS(bits, i64.const(0n));
  f.set(turns, select(i32.sub(i32.const(0), turns), turns, backwards));
  return { turns, y, low };
}

/** sin(y + low), fdlibm k_sin.c. */
function sine(f: FunctionBuilder, y: Local<"f64">, low: Local<"f64">): F64 {
  const z = f.hold(f64.mul(y, y));
  const cube = f.hold(f64.mul(z, y));
  const cubic = SIN_F64.at(-1) as number;
  const r = polynomial(z, SIN_F64.slice(0, -1));
  const inner = f64.sub(f64.mul(z, f64.sub(f64.mul(low, f64.const(0.5)), f64.mul(cube, r))), low);
  return f64.sub(y, f64.sub(inner, f64.mul(cube, f64.const(cubic))));
}

/** cos(y + low), fdlibm k_cos.c. */
function cosine(f: FunctionBuilder, y: Local<"f64">, low: Local<"f64">): F64 {
  const one = f64.const(1);
  const z = f.hold(f64.mul(y, y));
  const half = f.hold(f64.mul(z, f64.const(0.5)));
  const w = f.hold(f64.sub(one, half));
  const correction = f64.sub(f64.mul(f64.mul(z, z), polynomial(z, COS_F64)), f64.mul(y, low));
  return f64.add(w, f64.add(f64.sub(f64.sub(one, w), half), correction));
}

function polynomial(x: F64, [first, ...rest]: readonly number[]): F64 {
  return rest.reduce((sum, c) => f64.add(f64.mul(sum, x), f64.const(c)), f64.const(first));
}
