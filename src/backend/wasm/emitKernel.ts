/** One kernel into one function. */

import type { Kernel } from "../../compile/index.ts";
import type { KernelContext } from "./context.ts";
import { emitContract } from "./emitContract.ts";
import { emitMap } from "./emitMap.ts";

import { emitReduce } from "./emitReduce.ts";
import { emitScatterAdd } from "./emitScatterAdd.ts";

type Emit<K extends Kernel> = (context: KernelContext, kernel: K) => void;

const emitters: { readonly [K in Kernel["kind"]]: Emit<Extract<Kernel, { readonly kind: K }>> } = {
  map: emitMap,
  reduce: emitReduce,
  contract: emitContract,
  scatterAdd: emitScatterAdd,
};

export function emitKernel(context: KernelContext, kernel: Kernel): void {
  (emitters[kernel.kind] as Emit<Kernel>)(context, kernel);
}
