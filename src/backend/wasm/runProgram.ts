/** The exported function of a program: what modules offer and callers ask for. */

/** Runs a program `times` times on the arena at `base`. Of a program that is divided between threads,
 * every thread must call its own. */
export type RunProgram = (base: number, times: number) => void;

/** The export of a program. */
export function runName(program: string): string {
  return `run_${program}`;
}
