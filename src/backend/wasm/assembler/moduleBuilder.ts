/** Builds a WebAssembly module: types, imports, globals, functions, exports and names. */

import { InternalError } from "../../../util/errors.ts";
import { type Code, flatten, type Indexed, sized, text, unsigned, vector } from "./code.ts";
import {
  type Expr,
  expression,
  type Stmt,
  statement,
  type ValueType,
  valueTypeByte,
} from "./expression.ts";
import type { Callable, FunctionBuilder } from "./functionBuilder.ts";
import { i32 } from "./scalar.ts";

/** Sizes in pages of 64 KiB; a shared memory needs a maximum. */
export interface MemoryLimits {
  readonly min: number;
  readonly max?: number;
  readonly shared?: boolean;
}

export interface Signature<
  P extends readonly ValueType[] = readonly ValueType[],
  R extends readonly ValueType[] = readonly ValueType[],
> {
  readonly params: P;
  readonly results: R;
}

/** A global variable; as an expression it reads itself. */
export interface Global extends Expr<"i32"> {
  set(value: Expr<"i32">): Stmt;
}

interface ImportedFunction extends Callable {
  index: number;
  readonly module: string;
}

interface GlobalEntry extends Indexed {
  readonly initial: number;
}

interface Export {
  readonly name: string;
  readonly target: FunctionBuilder;
}

export class ModuleBuilder {
  readonly #name: string;
  readonly #imports: ImportedFunction[] = [];
  readonly #functions: FunctionBuilder[] = [];
  readonly #helpers = new Map<string, FunctionBuilder>();
  readonly #globals: GlobalEntry[] = [];
  readonly #exports: Export[] = [];
  #memory: Code | undefined;

  constructor(name = "module") {
    this.#name = name;
  }

  /** Declares a function of the embedder; asking again for the same one returns it. */
  importFunction<const P extends readonly ValueType[], const R extends readonly ValueType[]>(
    module: string,
    name: string,
    signature: Signature<P, R>,
  ): Callable<P, R> {
    const known = this.#imports.find((entry) => entry.module === module && entry.name === name);
    if (known !== undefined) {
      if (typeKey(known) !== typeKey(signature)) {
        throw new InternalError(
          `WebAssembly import "${name}": expected ${typeKey(known)}, got ${typeKey(signature)}.`,
        );
      }
      return known as Callable as Callable<P, R>;
    }
    const entry: ImportedFunction = { module, name, index: -1, ...signature };
    this.#imports.push(entry);
    return entry as Callable as Callable<P, R>;
  }

  /** Declares the memory that loads and stores are on, the embedder's. */
  importMemory(module: string, name: string, limits: MemoryLimits): void {
    this.#memory = [text(module), text(name), 0x02, encodeLimits(limits)];
  }

  /** Adds a function, under its export name if one is given; without one it is internal. */
  addFunction(builder: FunctionBuilder, options: { readonly export?: string } = {}): void {
    this.#functions.push(builder);
    if (options.export !== undefined) {
      this.#exports.push({ name: options.export, target: builder });
    }
  }

  /** The internal function of this name, created and added when it is first asked for. */
  helper<const P extends readonly ValueType[], const R extends readonly ValueType[]>(
    name: string,
    create: () => FunctionBuilder<P, R>,
  ): Callable<P, R> {
    let helper = this.#helpers.get(name);
    if (helper === undefined) {
      helper = create();
      this.#helpers.set(name, helper);
      this.addFunction(helper);
    }
    return helper as Callable as Callable<P, R>;
  }

  addGlobal(initial: number): Global {
    const index = this.#globals.length;
    const entry = { name: `global ${index}`, index, initial };
    this.#globals.push(entry);
    return {
      ...expression("i32", [0x23, entry]),
      set: (next) => statement([next.code, 0x24, entry]),
    };
  }

  /** The module's bytes, for `new WebAssembly.Module`. */
  build(): Uint8Array<ArrayBuffer> {
    for (const [i, entry] of this.#imports.entries()) entry.index = i;
    for (const [i, entry] of this.#functions.entries()) entry.index = this.#imports.length + i;

    const types = new Map<string, number>();
    const typeCodes: Code[] = [];
    const typeIndex = (signature: Signature): Code => {
      const key = typeKey(signature);
      let index = types.get(key);
      if (index === undefined) {
        index = types.size;
        types.set(key, index);
        typeCodes.push([0x60, valueTypes(signature.params), valueTypes(signature.results)]);
      }
      return unsigned(index);
    };

    const imports: Code[] = this.#imports.map((entry) => [
      text(entry.module),
      text(entry.name),
      0x00,
      typeIndex(entry),
    ]);
    if (this.#memory !== undefined) imports.push(this.#memory);
    const functions = this.#functions.map(typeIndex);
    const globals = this.#globals.map(({ initial }) => [
      valueTypeByte.i32,
      1,
      i32.const(initial).code,
      0x0b,
    ]);
    const exports = this.#exports.map(({ name, target }) => [text(name), 0x00, target]);
    const bodies = this.#functions.map((builder) => builder.encodeBody());

    return flatten([
      [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
      section(1, typeCodes),
      section(2, imports),
      section(3, functions),
      section(6, globals),
      section(7, exports),
      section(10, bodies),
      this.#names(),
    ]);
  }

  /** The custom "name" section: the module's and the functions' names, for profilers. */
  #names(): Code {
    const functions: readonly Indexed[] = [...this.#imports, ...this.#functions];
    return [
      0x00,
      sized([
        text("name"),
        [0x00, sized(text(this.#name))],
        [0x01, sized(vector(functions.map((entry) => [unsigned(entry.index), text(entry.name)])))],
      ]),
    ];
  }
}

function section(id: number, items: readonly Code[]): Code {
  return items.length === 0 ? [] : [id, sized(vector(items))];
}

function valueTypes(types: readonly ValueType[]): Code {
  return vector(types.map((type) => valueTypeByte[type]));
}

function typeKey({ params, results }: Signature): string {
  return `(${params.join(", ")}) -> (${results.join(", ")})`;
}

function encodeLimits({ min, max, shared = false }: MemoryLimits): Code {
  if (shared && max === undefined) {
    throw new InternalError("WebAssembly: expected a maximum for a shared memory.");
  }
  const flags = (max === undefined ? 0 : 1) | (shared ? 2 : 0);
  return [flags, unsigned(min), max === undefined ? [] : unsigned(max)];
}
