/** The backend that is measured, and one that shows the programs it is given. */

import { cachedTiles, startThreads } from "../src/backend/index.node.ts";
import {
  type Backend,
  type CodeCache,
  type Mode,
  type ThreadTeam,
  wasmBackend,
} from "../src/backend/index.ts";
import type { Program } from "../src/ir/index.ts";
import { cacheFolder } from "./peers/environment.ts";

export interface Setting {
  readonly mode: Mode;
  readonly threads: number;
  /** Where compiled programs are kept (default: nowhere). */
  readonly code?: CodeCache | undefined;
}

let knownTiles: ReturnType<typeof cachedTiles>;

/** Tiles measured once an engine, as the command line does. */
export function tiles() {
  knownTiles ??= cachedTiles(cacheFolder());
  return knownTiles;
}

const teams = new Map<number, ThreadTeam>();

/** So many threads: all that are measured together. */
export function teamOf(threads: number): ThreadTeam {
  let team = teams.get(threads);
  if (team === undefined) {
    team = startThreads(threads);
    teams.set(threads, team);
  }
  return team;
}

/** A backend of its own. */
export function makeBackend({ mode, threads, code }: Setting): Backend {
  return wasmBackend({ mode, threads: teamOf(threads), tiles: tiles(), code });
}

/** A backend that passes on what it compiles. */
export class ObservedBackend implements Backend {
  readonly name: string;
  programs: readonly Program[] = [];
  codeBytes = 0;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.name = backend.name;
    this.#backend = backend;
  }

  compile(programs: readonly Program[]) {
    this.programs = programs;
    const executable = this.#backend.compile(programs);
    this.codeBytes = executable.size.code;
    return executable;
  }
}
