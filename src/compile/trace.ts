/** Watching the compiler: every pass as text, and checked. */

import { printGraph, verify } from "../ir/index.ts";
import type { CompileTrace } from "./compile.ts";
import { printKernel } from "./print.ts";

/** Verifies the graph after each pass. */
export const verifying: CompileTrace = {
  graph: (pass, roots) => verify(roots, pass),
  kernels: () => {},
};

/** Verifies and prints what each pass gives.
 *
 * @example
 * wasmBackend({ trace: printing(console.error) });
 */
export function printing(print: (text: string) => void): CompileTrace {
  return {
    graph: (pass, roots) => {
      verifying.graph(pass, roots);
      print(`-- ${pass}\n${printGraph(roots)}\n`);
    },
    kernels: (program, kernels) => {
      print(`-- ${program}: kernels\n${kernels.map(printKernel).join("\n")}\n`);
    },
  };
}
