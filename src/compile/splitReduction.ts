/** Deep reductions to few results, in two stages: over slabs of the terms, then over the slabs.
 *
 * The bias gradient of a convolution sums hundreds of thousands of terms to a few numbers. In slabs its
 * loops walk through memory in order, a slab at a time for all results, and threads can take slabs
 * each. The slabs depend on the shapes alone: so does the order of the sum.
 */

import { sizeOf } from "../ir/index.ts";
import { alignedIndex, linear } from "./affine.ts";
import { AffineRewriter } from "./affineRewriter.ts";
import type { Affine, Kernel, ReduceKernel } from "./kernel.ts";
import type { Storage } from "./storage.ts";

/** Terms below which a second stage, with a call and a pass over its slabs, does not pay. */
const fewestTerms = 1 << 15;

/** Terms of one result that a slab has at least. */
const fewestInSlab = 256;

const mostSlabs = 64;

/** More results than these make loops of their own. */
const mostResults = 512;

/** The stages of a deep reduction; any other kernel as it is. */
export function splitReduction(kernel: Kernel, storage: Storage): Kernel[] {
  if (kernel.kind !== "reduce") return [kernel];
  const { extents, reduced } = kernel;
  const results = sizeOf(extents);
  const depth = sizeOf(reduced);
  if (results > mostResults || results * depth < fewestTerms) return [kernel];
  const [slabs, dim] = chooseSlabs(reduced, depth);
  return slabs > 1 ? stages(kernel, dim, slabs, storage) : [kernel];
}

/** How many slabs, of which reduced dimension: the first one that gives several. */
function chooseSlabs(reduced: readonly number[], depth: number): [slabs: number, dim: number] {
  const most = Math.min(mostSlabs, Math.floor(depth / fewestInSlab));
  for (const [dim, extent] of reduced.entries()) {
    for (let slabs = Math.min(most, extent); slabs > 3; slabs--) {
      if (extent % slabs === 0) return [slabs, dim];
    }
  }
  return [1, 0];
}

/** The index of reduced dimension `dim` is slab · length + place; the loops of the first stage are the
 * slabs, then the results, then the places and the other reduced dimensions. */
function stages(kernel: ReduceKernel, dim: number, slabs: number, storage: Storage): Kernel[] {
  const { op, extents, reduced, inputs, sideStores, stores } = kernel;
  const { dtype } = inputs[0];
  const rank = extents.length;
  const length = reduced[dim] / slabs;
  const rewriter = new AffineRewriter(({ offset, strides }: Affine) => {
    const stride = strides[rank + dim] ?? 0;
    return { offset, strides: [stride * length, ...strides] };
  });
  const partial = [slabs, ...extents];
  const buffers = inputs.map(() => storage.addTemporary(dtype, sizeOf(partial)));
  const at = linear(alignedIndex(partial, partial), partial, partial.length);
  const { strides } = at;
  return [
    {
      kind: "reduce",
      op,
      extents: partial,
      reduced: reduced.with(dim, length),
      inputs: inputs.map((input) => rewriter.value(input)),
      sideStores: sideStores.map((store) => rewriter.store(store)),
      stores: buffers.map((buffer, result) => {
        return { buffer, at, value: { kind: "anchor", result, dtype } };
      }),
    },
    {
      kind: "reduce",
      op,
      extents,
      reduced: [slabs],
      inputs: buffers.map((buffer) => {
        const at = { offset: 0, strides: [...strides.slice(1), strides[0]] };
        return { kind: "load", buffer, at, dtype };
      }),
      sideStores: [],
      stores,
    },
  ];
}
