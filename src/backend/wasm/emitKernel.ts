/** The loops of one kernel into one function. */

import type { KernelContext } from "./context.ts";
import { emitContract } from "./emitContract.ts";
import { emitMap } from "./emitMap.ts";
import { emitPatch } from "./emitPatch.ts";
import { emitReduce } from "./emitReduce.ts";
import { emitScatterAdd } from "./emitScatterAdd.ts";
import type { Loops } from "./loops.ts";

type Emit<L extends Loops> = (context: KernelContext, loops: L) => void;

const emitters: { readonly [K in Loops["kind"]]: Emit<Extract<Loops, { readonly kind: K }>> } = {
  map: emitMap,
  reduce: emitReduce,
  contract: emitContract,
  patch: emitPatch,
  scatterAdd: emitScatterAdd,
};

export function emitKernel(context: KernelContext, loops: Loops): void {
  (emitters[loops.kind] as Emit<Loops>)(context, loops);
}
