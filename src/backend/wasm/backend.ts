/** The WebAssembly backend: compiles programs to vector code and runs them in one shared memory. */

import { compilePrograms, type Plan, programsKey } from "../../compile/index.ts";
import type { Program } from "../../ir/index.ts";
import { UsageError } from "../../util/index.ts";
import { expectDistinctNames } from "../checks.ts";
import type { Backend, Executable, Mode } from "../interface.ts";
import { detectFeatures } from "./assembler/index.ts";
import { emitModule } from "./emitModule.ts";
import { WasmExecutable } from "./executable.ts";
import { type Arena, MemoryPool } from "./memoryPool.ts";

export interface WasmBackendOptions {
  /** `strict` (the default) gives the same bits everywhere; `fast` fuses multiplications and additions
   * where the engine has relaxed SIMD, and is `strict` where it has not. */
  readonly mode?: Mode;
}

/** Compiled programs that are kept in case they are asked for again. */
const mostCompiled = 64;

interface Compiled {
  readonly plan: Plan;
  readonly instance: WebAssembly.Instance;
  readonly codeBytes: number;
  readonly arenaBytes: number;
}

/** A backend with a memory and a cache of compiled programs of its own.
 * @throws UsageError where the engine has no WebAssembly SIMD. */
export function wasmBackend({ mode = "strict" }: WasmBackendOptions = {}): Backend {
  const { simd, relaxedSimd } = detectFeatures();
  if (!simd) {
    throw new UsageError(
      "wasmBackend: expected an engine with WebAssembly SIMD, got one without; " +
        "use Node.js 20 or later, a current browser, or referenceBackend().",
    );
  }
  return new WasmBackend(mode === "fast" && relaxedSimd);
}

class WasmBackend implements Backend {
  readonly name = "wasm";
  readonly #madd: boolean;
  readonly #pool = new MemoryPool();
  readonly #compiled = new Map<string, Compiled>();
  readonly #dropped = new FinalizationRegistry<Arena>((arena) => this.#pool.release(arena));

  constructor(madd: boolean) {
    this.#madd = madd;
  }

  compile(programs: readonly Program[]): Executable {
    expectDistinctNames(programs);
    const compiled = this.#compiledFor(programs);
    const arena = this.#pool.allocate(compiled.arenaBytes);
    const handle = {};
    const executable = new WasmExecutable({
      programs,
      plan: compiled.plan,
      exports: compiled.instance.exports,
      codeBytes: compiled.codeBytes,
      pool: this.#pool,
      arena,
      release: () => {
        this.#dropped.unregister(handle);
        this.#pool.release(arena);
      },
    });
    this.#dropped.register(executable, arena, handle);
    return executable;
  }

  /** Plan and code of programs: as compiled before, where that was among the last few. */
  #compiledFor(programs: readonly Program[]): Compiled {
    const key = programsKey(programs);
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      const plan = compilePrograms(programs);
      const { bytes, arenaBytes } = emitModule(plan, { madd: this.#madd });
      const { memory } = this.#pool;
      const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
      compiled = { plan, instance, codeBytes: bytes.length, arenaBytes };
    }
    // Maps keep the order of insertion: the first key is the one not asked for the longest.
    this.#compiled.delete(key);
    this.#compiled.set(key, compiled);
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size > mostCompiled) this.#compiled.delete(oldest);
    return compiled;
  }
}
