/** Kernels with their loops arranged: everything that decides in which order a kernel computes. */

import type {
  Buffer,
  ContractKernel,
  Kernel,
  ReduceKernel,
  ScatterAddKernel,
  Value,
} from "../../compile/index.ts";
import { arrangeContraction, type ContractionLoops } from "./contractionLoops.ts";
import { laneCount } from "./lanes.ts";
import { arrangeMap, type MapLoops } from "./mapLoops.ts";
import { arrangeNarrow } from "./narrowLoops.ts";
import { arrangePatches, type PatchLoops } from "./patchLoops.ts";
import { identityOf } from "./reduction.ts";
import { arrangeReduction, type ReductionLoops } from "./reductionLoops.ts";
import type { StepCycles } from "./tiles.ts";

export type Loops = MapLoops | ReductionLoops | ContractionLoops | PatchLoops | ScatterAddKernel;

export interface ArrangeOptions {
  readonly buffers: readonly Buffer[];
  /** Whether `a · b + c` may be one relaxed instruction. */
  readonly madd: boolean;
  /** What a step of a register tile costs, where that was measured. */
  readonly cycles?: StepCycles;
}

/** The loops of a kernel; undefined for one that has nothing to do. */
export function arrangeKernel(kernel: Kernel, options: ArrangeOptions): Loops | undefined {
  const { buffers, madd, cycles } = options;
  if (kernel.kind === "scatterAdd") return kernel;
  if (kernel.extents.includes(0)) return undefined;
  switch (kernel.kind) {
    case "map":
      return arrangeMap(kernel, laneCount(buffers, [], kernel.stores));
    case "reduce": {
      const { inputs, sideStores, stores } = kernel;
      const lanes = laneCount(buffers, inputs, [...sideStores, ...stores]);
      return arrangeReduction(kernel.reduced.includes(0) ? ofNothing(kernel) : kernel, lanes);
    }
    case "patch":
      return arrangePatches(kernel, madd);
    case "contract": {
      const lanes = laneCount(
        buffers,
        [{ kind: "anchor", result: 0, dtype: kernel.dtype }],
        kernel.stores,
      );
      const narrow = lanes === 4 ? arrangeNarrow(kernel, madd) : undefined;
      if (narrow !== undefined) return narrow;
      const isOneColumn = kernel.extents.at(-1) === 1;
      if (isOneColumn || kernel.reduced.includes(0)) {
        return arrangeKernel(asReduction(kernel), options);
      }
      return arrangeContraction(kernel, lanes, madd, cycles);
    }
  }
}

/** A reduction of no terms: the identity at every index. */
function ofNothing(kernel: ReduceKernel): ReduceKernel {
  const inputs = kernel.inputs.map(({ dtype }): Value => {
    return { kind: "constant", value: identityOf(kernel.op, dtype), dtype };
  });
  return { ...kernel, reduced: [], inputs, sideStores: [] };
}

/** The contraction as a sum of products: for one column, where tiles would be empty. */
function asReduction({ dtype, extents, reduced, a, b, stores }: ContractKernel): ReduceKernel {
  const load = ({ buffer, at }: typeof a): Value => ({ kind: "load", buffer, at, dtype });
  const input: Value = { kind: "op", op: "mul", inputs: [load(a), load(b)], dtype };
  return {
    kind: "reduce",
    op: "reduceSum",
    extents,
    reduced,
    inputs: [input],
    sideStores: [],
    stores,
  };
}
