/** The elementwise ops as vector instructions, one row for each op. */

import type { ScalarOp } from "../../compile/index.ts";
import type { DType } from "../../ir/index.ts";
import { InternalError } from "../../util/index.ts";
import { f32x4, f64x2, i32x4, i64x2, v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import { type LaneCount, narrowMask, type Vector, widenMask } from "./lanes.ts";
import { emitMath, type MathFunction } from "./math/index.ts";

/** One application of an op. */
export interface Operation {
  readonly context: KernelContext;
  readonly lanes: LaneCount;
  /** How many of the first lanes count, wherever the result is used (default: all). */
  readonly active?: number;
  /** Type of the operands; of the values, for select. */
  readonly from: DType;
  /** Type of the result. */
  readonly to: DType;
  /** Whether an elementary function may be computed by its short form. */
  readonly isShort?: boolean;
  /** Each is evaluated where it is used; a rule that uses one twice holds it first. */
  readonly inputs: readonly Vector[];
}

type Rule = (operation: Operation) => Vector;

const floats = { float32: f32x4, float64: f64x2 } as const;
type Float = keyof typeof floats;

export function isFloat(dtype: DType): dtype is Float {
  return dtype in floats;
}

function unexpected(op: string, dtype: DType): InternalError {
  return new InternalError(`WebAssembly kernel: ${op} of ${dtype} has no instruction.`);
}

const arithmetic =
  (op: "add" | "sub" | "mul"): Rule =>
  ({ from, inputs }) => {
    if (isFloat(from)) return floats[from][op](inputs[0], inputs[1]);
    if (from === "int32") return i32x4[op](inputs[0], inputs[1]);
    throw unexpected(op, from);
  };

const rounding =
  (op: "sqrt" | "floor" | "ceil" | "nearest"): Rule =>
  ({ from, inputs: [x] }) => {
    if (isFloat(from)) return floats[from][op](x);
    throw unexpected(op, from);
  };

const signChange =
  (op: "neg" | "abs"): Rule =>
  ({ from, inputs: [x] }) => {
    if (isFloat(from)) return floats[from][op](x);
    if (from === "int32") return i32x4[op](x);
    throw unexpected(op, from);
  };

const comparison =
  (op: "eq" | "ne" | "lt" | "le" | "gt" | "ge"): Rule =>
  ({ from, lanes, inputs: [a, b] }) => {
    if (from === "float64") return f64x2[op](a, b);
    if (from === "float32") return widenMask(f32x4[op](a, b), lanes);
    if (from === "bool") throw unexpected(op, from);
    const name = op === "eq" || op === "ne" ? op : (`${op}S` as const);
    return widenMask(i32x4[name](a, b), lanes);
  };

/** NaN where either operand is NaN. For that, pmax and pmin need one more comparison, where max and min
 * take several instructions: they return the first operand when either is NaN, and setting all bits
 * makes a NaN of the rest. Of two zeros they return the first, whatever its sign. */
const extremum =
  (op: "max" | "min"): Rule =>
  ({ context: { f }, from, inputs: [a, b] }) => {
    if (from === "int32") return i32x4[`${op}S`](a, b);
    if (!isFloat(from)) throw unexpected(op, from);
    const ops = floats[from];
    const held = "index" in b ? b : f.hold(b);
    return v128.or(ops[`p${op}`](a, held), ops.ne(held, held));
  };

const elementary =
  (name: MathFunction): Rule =>
  ({ context, active, isShort, from, inputs }) => {
    if (!isFloat(from)) throw unexpected(name, from);
    const { f, module, constants, madd } = context;
    return emitMath(f, from === "float32" ? "f32x4" : "f64x2", name, inputs, {
      madd,
      active,
      isShort,
      module,
      constants: (lanes, value) => constants.of(lanes === "f32x4" ? "float32" : "float64", value),
    });
  };

const sign: Rule = ({ context: { f, constants }, from, inputs: [x] }) => {
  if (from === "int32") {
    return i32x4.minS(i32x4.maxS(x, constants.of(from, -1)), constants.of(from, 1));
  }
  if (!isFloat(from)) throw unexpected("sign", from);
  const ops = floats[from];
  const held = f.hold(x);
  const zero = constants.of(from, 0);
  // Positive and negative numbers become ±1; zeros and NaN stay what they are.
  const unit = v128.or(v128.and(held, constants.of(from, -0)), constants.of(from, 1));
  const isSigned = v128.or(ops.lt(held, zero), ops.gt(held, zero));
  return v128.bitselect(unit, held, isSigned);
};

type Number = Exclude<DType, "bool">;

/** From each number type to each other. */
const conversions: Readonly<Record<Number, Readonly<Record<Number, (x: Vector) => Vector>>>> = {
  float32: {
    float32: (x) => x,
    float64: f64x2.promoteLowF32x4,
    int32: i32x4.truncSatF32x4S,
  },
  float64: {
    float32: f32x4.demoteF64x2Zero,
    float64: (x) => x,
    int32: i32x4.truncSatF64x2SZero,
  },
  int32: {
    float32: f32x4.convertI32x4S,
    float64: f64x2.convertLowI32x4S,
    int32: (x) => x,
  },
};

export function convert(
  { constants }: KernelContext,
  lanes: LaneCount,
  x: Vector,
  from: DType,
  to: DType,
): Vector {
  if (from === to) return x;
  if (from === "bool") {
    const mask = to === "float64" ? x : narrowMask(x, lanes);
    return v128.and(mask, constants.of(to, 1));
  }
  if (to !== "bool") return conversions[from][to](x);
  const zero = constants.of(from, 0);
  if (from === "float64") return f64x2.ne(x, zero);
  return widenMask(from === "float32" ? f32x4.ne(x, zero) : i32x4.ne(x, zero), lanes);
}

const rules: Readonly<Record<ScalarOp, Rule>> = {
  neg: signChange("neg"),
  abs: signChange("abs"),
  sign,
  exp: elementary("exp"),
  expm1: elementary("expm1"),
  log: elementary("log"),
  log1p: elementary("log1p"),
  sqrt: rounding("sqrt"),
  sin: elementary("sin"),
  cos: elementary("cos"),
  tanh: elementary("tanh"),
  sigmoid: elementary("sigmoid"),
  erf: elementary("erf"),
  floor: rounding("floor"),
  ceil: rounding("ceil"),
  round: rounding("nearest"),
  not: ({ inputs: [x] }) => v128.not(x),
  cast: ({ context, lanes, from, to, inputs: [x] }) => convert(context, lanes, x, from, to),
  add: arithmetic("add"),
  sub: arithmetic("sub"),
  mul: arithmetic("mul"),
  div: ({ from, inputs: [a, b] }) => {
    if (isFloat(from)) return floats[from].div(a, b);
    throw unexpected("div", from);
  },
  pow: elementary("pow"),
  max: extremum("max"),
  min: extremum("min"),
  eq: comparison("eq"),
  ne: comparison("ne"),
  lt: comparison("lt"),
  le: comparison("le"),
  gt: comparison("gt"),
  ge: comparison("ge"),
  and: ({ inputs: [a, b] }) => v128.and(a, b),
  or: ({ inputs: [a, b] }) => v128.or(a, b),
  select: ({ context, from, lanes, inputs: [condition, a, b] }) => {
    const isWide = from === "float64" || from === "bool";
    const mask = isWide ? condition : narrowMask(condition, lanes);
    const zero = context.constants.of(from, 0);
    if (b === zero) return v128.and(a, mask);
    if (a === zero) return v128.andnot(b, mask);
    if (!context.madd) return v128.bitselect(a, b, mask);
    const { relaxedLaneselect } = isWide && lanes === 2 ? i64x2 : i32x4;
    return relaxedLaneselect(a, b, mask);
  },
};

export function emitOperation(op: ScalarOp, operation: Operation): Vector {
  return rules[op](operation);
}

/** a · b + c, in one instruction where `madd` says so. */
export function multiplyAdd(dtype: Float, a: Vector, b: Vector, c: Vector, madd: boolean): Vector {
  const ops = floats[dtype];
  return madd ? ops.relaxedMadd(a, b, c) : ops.add(c, ops.mul(a, b));
}

/** c − a · b in one relaxed instruction. */
export function negativeMultiplyAdd(dtype: Float, a: Vector, b: Vector, c: Vector): Vector {
  return floats[dtype].relaxedNmadd(a, b, c);
}

/** From which on squares are normal numbers. */
const leastSquared = { float32: 2 ** -63, float64: 2 ** -511 } as const;

/** x² of positive numbers, 0 where it would be subnormal: a product that underflows takes many machines a hundred
 * times as long. */
export function flushedSquare({ constants }: KernelContext, dtype: Float, x: Vector): Vector {
  const ops = floats[dtype];
  const isTiny = ops.lt(x, constants.of(dtype, leastSquared[dtype]));
  return ops.mul(x, v128.andnot(x, isTiny));
}
