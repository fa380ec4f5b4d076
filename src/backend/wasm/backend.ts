/** The WebAssembly backend: compiles programs to vector code and runs them in one shared memory. */

import {
  type CompileTrace,
  compilePrograms,
  programsKey,
  type StoragePlan,
} from "../../compile/index.ts";
import type { Program } from "../../ir/index.ts";
import { UsageError } from "../../util/index.ts";
import { expectDistinctNames } from "../checks.ts";
import type { Backend, Executable, Mode } from "../interface.ts";
import { detectFeatures } from "./assembler/index.ts";
import type { CodeCache, CodeKey, CompiledCode } from "./codeCache.ts";
import { emitModules } from "./emitModule.ts";
import { WasmExecutable } from "./executable.ts";
import { angleImports } from "./math/index.ts";
import { type Arena, MemoryPool } from "./memoryPool.ts";
import { type RunProgram, runName } from "./runProgram.ts";
import type { ThreadTeam } from "./threads.ts";
import { measuredCycles, type TileCosts } from "./tileCosts.ts";

export interface WasmBackendOptions {
  /** `strict` (the default) gives the same bits everywhere; `fast` fuses multiplications and additions
   * where the engine has relaxed SIMD, and is `strict` where it has not. */
  readonly mode?: Mode;
  /** Threads that share the work of programs that are large enough (default: the caller's alone). Results
   * do not depend on their number. */
  readonly threads?: ThreadTeam;
  /** What register tiles cost, as measured by `measureTiles` or kept by `cachedTiles` (default: a model of it). In
   * strict mode results do not depend on them. */
  readonly tiles?: TileCosts;
  /** Where compiled programs are kept for later processes, from `codeCache` (default: nowhere). */
  readonly code?: CodeCache;
  /** Sees what the compiler's passes give: `printing(console.error)`, say. Nothing is then taken from `code`. */
  readonly trace?: CompileTrace;
}

/** Compiled programs that are kept in case they are asked for again. */
const mostCompiled = 64;

interface Compiled {
  readonly plan: StoragePlan;
  readonly runOf: (program: string) => RunProgram;
  readonly codeBytes: number;
  readonly arenaBytes: number;
}

/** A backend with a memory and a cache of compiled programs of its own.
 * @throws UsageError where the engine has no WebAssembly SIMD. */
export function wasmBackend({
  mode = "strict",
  threads,
  tiles,
  code,
  trace,
}: WasmBackendOptions = {}): Backend {
  const { simd, relaxedSimd } = detectFeatures();
  if (!simd) {
    throw new UsageError(
      "wasmBackend: expected an engine with WebAssembly SIMD, got one without; " +
        "use Node.js 20 or later, a current browser, or referenceBackend().",
    );
  }
  return new WasmBackend(mode === "fast" && relaxedSimd, { threads, tiles, code, trace });
}

class WasmBackend implements Backend {
  readonly name = "wasm";
  readonly #madd: boolean;
  readonly #tiles: TileCosts | undefined;
  readonly #threads: ThreadTeam | undefined;
  readonly #code: CodeCache | undefined;
  readonly #trace: CompileTrace | undefined;
  /** Where the threads count the barriers they have reached. */
  readonly #counts: number;
  readonly #pool: MemoryPool;
  readonly #angles = angleImports();
  readonly #compiled = new Map<string, Compiled>();
  readonly #dropped = new FinalizationRegistry<Arena>((arena) => this.#pool.release(arena));

  constructor(madd: boolean, { threads, tiles, code, trace }: WasmBackendOptions) {
    this.#madd = madd;
    this.#tiles = tiles;
    this.#code = trace ? undefined : code;
    this.#trace = trace;
    this.#threads = threads !== undefined && threads.size > 1 ? threads : undefined;
    this.#pool = new MemoryPool({ shared: this.#threads !== undefined });
    this.#counts = this.#pool.allocate(this.#threads?.counterBytes ?? 0).offset;
  }

  compile(programs: readonly Program[]): Executable {
    expectDistinctNames(programs);
    const compiled = this.#compiledFor(programs);
    const arena = this.#pool.allocate(compiled.arenaBytes);
    const handle = {};
    const executable = new WasmExecutable({
      programs,
      plan: compiled.plan,
      runOf: compiled.runOf,
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
    const compiled = this.#compiled.get(key) ?? this.#link(this.#codeOf(programs, key));
    // Maps keep the order of insertion: the first key is the one not asked for the longest.
    this.#compiled.delete(key);
    this.#compiled.set(key, compiled);
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size > mostCompiled) this.#compiled.delete(oldest);
    return compiled;
  }

  /** As kept by an earlier process, or compiled now. */
  #codeOf(programs: readonly Program[], graphs: string): CompiledCode {
    const team = this.#threads;
    const madd = this.#madd;
    const tiles = this.#tiles;
    const counts = this.#counts;
    const key: CodeKey = [graphs, madd, tiles, counts, team?.settings];
    const kept = this.#code?.find(key);
    if (kept) return kept;
    const { programs: kernels, ...plan } = compilePrograms(programs, { trace: this.#trace });
    const cycles = tiles && measuredCycles(tiles);
    const emitted = emitModules({ ...plan, programs: kernels }, { madd, cycles, team, counts });
    const code = { plan, emitted };
    this.#code?.keep(key, code);
    return code;
  }

  #link({ plan, emitted: { modules, divided, arenaBytes } }: CompiledCode): Compiled {
    const threads = this.#threads;
    const { memory } = this.#pool;
    const helpers = modules.length > 1 ? threads?.load(modules.slice(1), memory) : undefined;
    const module = new WebAssembly.Module(modules[0]);
    const { exports } = new WebAssembly.Instance(module, {
      env: { memory, ...this.#angles, ...helpers?.imports },
    });
    const runOf = (program: string): RunProgram => {
      const part = exports[runName(program)] as RunProgram;
      if (helpers === undefined || !divided.has(program)) return part;
      return (base, times) => helpers.run(program, base, times, part);
    };
    const codeBytes = modules.reduce((sum, { length }) => sum + length, 0);
    return { plan, runOf, codeBytes, arenaBytes };
  }
}
