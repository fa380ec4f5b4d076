/** Builds one WebAssembly function: locals from a free list, statements, structured control flow. */

import { InternalError } from "../../../util/errors.ts";
import { type Code, CodeWriter, type Indexed, joined, sized, unsigned, vector } from "./code.ts";
import {
  type Expr,
  expression,
  type Stmt,
  statement,
  type ValueType,
  valueTypeByte,
} from "./expression.ts";
import { i32 } from "./scalar.ts";

/** A local variable or parameter; as an expression it reads itself. */
export interface Local<T extends ValueType = ValueType> extends Expr<T> {
  readonly index: number;
}

/** A branch target: the end of an `if`, or the start of a loop. */
export interface Label {
  readonly depth: number;
}

/** A function that can be called: imported, or built here. */
export interface Callable<
  P extends readonly ValueType[] = readonly ValueType[],
  R extends readonly ValueType[] = readonly ValueType[],
> extends Indexed {
  readonly params: P;
  readonly results: R;
}

export type Exprs<P extends readonly ValueType[]> = { readonly [I in keyof P]: Expr<P[I]> };

export interface FunctionOptions<P extends readonly ValueType[], R extends readonly ValueType[]> {
  /** What profilers and stack traces show. */
  readonly name?: string;
  readonly params?: P;
  readonly results?: R;
}

const EMPTY_BLOCK = "\x40";
const END = "\x0b";

export class FunctionBuilder<
  const P extends readonly ValueType[] = readonly ValueType[],
  const R extends readonly ValueType[] = readonly ValueType[],
> implements Callable<P, R>
{
  readonly name: string;
  readonly params: P;
  readonly results: R;
  /** Assigned by the module that is built with this function. */
  index = -1;
  /** What runs first, wherever it was asked for. */
  readonly #prologue = new CodeWriter();
  /** Statements are written at once, so that what they are made of can be forgotten. */
  readonly #body = new CodeWriter();
  readonly #localTypes: ValueType[] = [];
  #free: Record<ValueType, Local[]> = noLocals();
  readonly #live = new Set<Local>();
  /** The locals taken in the innermost scope, some of them released since. */
  #taken: Local[] = [];
  #depth = 0;
  /** Where statements go instead of the body, and the depth at which each begins. */
  #strand: { readonly statements: Code[]; readonly depth: number } | undefined;

  constructor(options: FunctionOptions<P, R> = {}) {
    this.name = options.name ?? "function";
    this.params = options.params ?? ([] as readonly ValueType[] as P);
    this.results = options.results ?? ([] as readonly ValueType[] as R);
  }

  /** The parameter at a position; it can be set like a local, and is never released. */
  param<I extends number>(position: I): Local<P[I]> {
    const type = this.params[position];
    if (type === undefined) {
      throw new InternalError(
        `WebAssembly "${this.name}": expected a parameter in [0, ${this.params.length}), got ${position}.`,
      );
    }
    return localAt(type, position);
  }

  /** Takes a local from the free list, or a new one. It may hold a stale value. */
  local<T extends ValueType>(type: T): Local<T> {
    let local = this.#free[type].pop() as Local<T> | undefined;
    if (local === undefined) {
      this.#localTypes.push(type);
      local = localAt(type, this.params.length + this.#localTypes.length - 1);
    }
    this.#live.add(local);
    this.#taken.push(local);
    return local;
  }

  /** A new local that holds the value of an expression. */
  hold<T extends ValueType>(value: Expr<T>): Local<T> {
    const local = this.local(value.type);
    this.set(local, value);
    return local;
  }

  /** A new local that holds a value from the start of the function to its end, wherever this is called;
   * the value may depend on parameters and on pinned locals only. It is never released. */
  pin<T extends ValueType>(value: Expr<T>): Local<T> {
    this.#localTypes.push(value.type);
    const local = localAt(value.type, this.params.length + this.#localTypes.length - 1);
    this.#prologue.code(joined(value.code, setting(local)));
    return local;
  }

  /** Appends a statement to those that run first; it may use parameters and pinned locals only. */
  emitFirst({ code }: Stmt): void {
    this.#prologue.code(code);
  }

  /** Gives locals back; code emitted later may overwrite them. */
  release(...locals: readonly Local[]): void {
    for (const local of locals) {
      if (!this.#live.delete(local)) {
        throw new InternalError(
          `WebAssembly "${this.name}": local ${local.index} is released but not in use.`,
        );
      }
      this.#free[local.type].push(local);
    }
  }

  /** Runs `body`, then releases every local it took and did not release itself. */
  scoped<T>(body: () => T): T {
    const outside = this.#taken;
    this.#taken = [];
    const result = body();
    const taken = this.#taken;
    for (let i = 0; i < taken.length; i++) {
      const local = taken[i];
      if (this.#live.delete(local)) this.#free[local.type].push(local);
    }
    this.#taken = outside;
    return result;
  }

  /** Runs bodies that do not depend on each other, and emits their statements in turn: each then waits for
   * its operands while the others have something to do. */
  interleave(bodies: readonly (() => void)[]): void {
    if (bodies.length === 1 || this.#strand !== undefined) {
      for (const body of bodies) body();
      return;
    }
    const free = this.#free;
    const strands = bodies.map((body) => {
      // A local that one body gives back may not be taken by another.
      this.#free = noLocals();
      this.#strand = { statements: [], depth: this.#depth };
      body();
      const { statements } = this.#strand;
      this.#strand = undefined;
      for (const type of Object.keys(free) as ValueType[]) free[type].push(...this.#free[type]);
      return statements;
    });
    this.#free = free;
    const most = Math.max(...strands.map(({ length }) => length));
    for (let i = 0; i < most; i++) {
      for (const statements of strands) if (i < statements.length) this.#write(statements[i]);
    }
  }

  /** How many locals are taken and not yet released. */
  get liveCount(): number {
    return this.#live.size;
  }

  /** Appends a statement. */
  emit(...statements: readonly Stmt[]): void {
    for (let i = 0; i < statements.length; i++) this.#write(statements[i].code);
  }

  set<T extends ValueType>(local: Local<T>, value: Expr<NoInfer<T>>): void {
    this.#write(joined(value.code, setting(local)));
  }

  /** Adds a number to a local. */
  advance(local: Local<"i32">, by: number): void {
    if (by !== 0) this.set(local, i32.add(local, i32.const(by)));
  }

  /** Sets the local and leaves the value, as an expression. */
  tee<T extends ValueType>(local: Local<T>, value: Expr<NoInfer<T>>): Expr<T> {
    return expression(local.type, joined(value.code, `\x22${unsigned(local.index)}`));
  }

  /** A loop; a branch to its label starts it again, falling through ends it. */
  loop(body: (label: Label) => void): void {
    this.#nest(`\x03${EMPTY_BLOCK}`, body);
  }

  /** Runs `then` where the condition is not zero, otherwise `otherwise`. */
  if(
    condition: Expr<"i32">,
    then: (label: Label) => void,
    otherwise?: (label: Label) => void,
  ): void {
    this.#nest(joined(condition.code, `\x04${EMPTY_BLOCK}`), (label) => {
      then(label);
      if (otherwise !== undefined) {
        this.#write("\x05");
        otherwise(label);
      }
    });
  }

  br(label: Label): void {
    this.#write(`\x0c${unsigned(this.#depth - label.depth)}`);
  }

  brIf(label: Label, condition: Expr<"i32">): void {
    this.#write(joined(condition.code, `\x0d${unsigned(this.#depth - label.depth)}`));
  }

  /** Returns from the function; a function with results must end with it. */
  return(...values: Exprs<R>): void {
    this.#write([(values as readonly Expr[]).map(({ code }) => code), 0x0f]);
  }

  /** Runs `body` for `local` = start, start + step, … while it is before the end. Emits a do-while, only the body
   * for one trip, and nothing for none. `body` may read the local and must not set it; afterwards its value is
   * unspecified. */
  forRange(
    local: Local<"i32">,
    start: number,
    end: number,
    step: number,
    body: (local: Local<"i32">) => void,
  ): void {
    const trips = Math.ceil((end - start) / step);
    if (trips <= 0) return;
    this.set(local, i32.const(start));
    if (trips === 1) {
      body(local);
      return;
    }
    this.loop((again) => {
      body(local);
      const next = this.tee(local, i32.add(local, i32.const(step)));
      this.brIf(again, i32.ne(next, i32.const(start + trips * step)));
    });
  }

  /** The function's body as the code section wants it: size, local declarations, code. */
  encodeBody(): Code {
    const groups: Code[] = [];
    for (let i = 0; i < this.#localTypes.length; ) {
      const type = this.#localTypes[i];
      let j = i;
      while (this.#localTypes[j] === type) j++;
      groups.push([unsigned(j - i), valueTypeByte[type]]);
      i = j;
    }
    // A function with results ends in `return`, so what follows is unreachable and fits any type.
    const tail = this.results.length > 0 ? `\0${END}` : END;
    return sized([vector(groups), this.#prologue.finish(), this.#body.finish(), tail]);
  }

  #nest(opening: Code, body: (label: Label) => void): void {
    this.#write(opening);
    this.#depth++;
    body({ depth: this.#depth });
    this.#write(END);
    this.#depth--;
  }

  /** Appends code that is a statement, or part of one that has begun. */
  #write(code: Code): void {
    if (this.#strand === undefined) {
      this.#body.code(code);
      return;
    }
    const { statements, depth } = this.#strand;
    const last = statements.length - 1;
    if (this.#depth > depth) statements[last] = joined(statements[last], code);
    else statements.push(code);
  }
}

function noLocals(): Record<ValueType, Local[]> {
  return { i32: [], i64: [], f32: [], f64: [], v128: [] };
}

function localAt<T extends ValueType>(type: T, index: number): Local<T> {
  return { type, index, code: `\x20${unsigned(index)}` };
}

function setting({ index }: Local): string {
  return `\x21${unsigned(index)}`;
}

type CallResult<R extends readonly ValueType[]> = R extends readonly []
  ? Stmt
  : R extends readonly [infer T extends ValueType]
    ? Expr<T>
    : Expr | Stmt;

/** Calls a function of at most one result: a statement without a result, an expression with one. */
export function call<P extends readonly ValueType[], R extends readonly ValueType[]>(
  target: Callable<P, R>,
  ...args: Exprs<P>
): CallResult<R> {
  const operands = args as readonly Expr[];
  if (operands.length !== target.params.length || target.results.length > 1) {
    throw new InternalError(
      `WebAssembly: a call of "${target.name}" with ${operands.length} arguments.`,
    );
  }
  const code: Code = [operands.map((operand) => operand.code), 0x10, target];
  const [result] = target.results;
  return (result === undefined ? statement(code) : expression(result, code)) as CallResult<R>;
}
