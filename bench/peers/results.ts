/** Looks up measurements. */

import type { FloatDType } from "../../src/ir/index.ts";
import type { Measurement } from "../measurement.ts";

type Key = Pick<Measurement, "workload" | "threads" | "dtype"> & {
  readonly system: string;
  readonly mode: string;
};

export function find(results: readonly Measurement[], key: Key): Measurement | undefined {
  return results.find((row) =>
    (Object.keys(key) as (keyof Key)[]).every((name) => row[name] === key[name]),
  );
}

/** What is compared: float32 on one thread unless said. */
export interface Comparison {
  readonly workload: string;
  readonly threads?: number;
  readonly dtype?: FloatDType;
}

/** Looks up ours, how many times as long others take, and the fastest of them. */
export class Results {
  readonly #rows: readonly Measurement[];

  constructor(rows: readonly Measurement[]) {
    this.#rows = rows;
  }

  /** Ours: float32 on one thread in fast mode unless said. */
  ours(
    workload: string,
    { mode = "fast", threads = 1, dtype = "float32" as FloatDType } = {},
  ): Measurement | undefined {
    return find(this.#rows, { workload, system: "chainrule", mode, threads, dtype });
  }

  /** Its µs a step by ours; NaN without one of them. */
  times(system: string, mode: string, { workload, threads = 1, dtype = "float32" }: Comparison) {
    const ours = this.ours(workload, { threads, dtype });
    const theirs = find(this.#rows, { workload, system, mode, threads, dtype });
    return ours && theirs ? theirs.usPerStep / ours.usPerStep : Number.NaN;
  }

  /** The least µs a step of some systems, in whatever way they run; infinite without any. */
  fastest(systems: RegExp, { workload, threads = 1, dtype = "float32" }: Comparison): number {
    const rows = this.#rows.filter(
      (row) =>
        systems.test(row.system) &&
        row.workload === workload &&
        row.threads === threads &&
        row.dtype === dtype,
    );
    return Math.min(...rows.map(({ usPerStep }) => usPerStep));
  }
}
