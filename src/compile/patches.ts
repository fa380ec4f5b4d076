/** Convolutions with a routed operand: the gradients of a convolution behind max pooling. Of each window's
 * elements one is not zero, so that a patch of products is left for each window instead of one for each
 * element.
 *
 * Of a convolution y = x * w with the routed gradient g of y:
 *
 *     gather    ∂L/∂w[o, patch] = Σ over windows of values · x[window + place + patch]
 *     scatter   ∂L/∂x[window + place + patch] += values · w[o, patch] for each window
 */

import {
  build,
  makeNode,
  type Node,
  type NodeOf,
  sameShape,
  sizeOf,
  stridesOf,
} from "../ir/index.ts";
import { convolveIndices } from "./contraction.ts";
import type { Affine } from "./kernel.ts";
import { type Routed, type RoutedView, routedView } from "./routed.ts";
import { seenThrough } from "./view.ts";

/** A convolution as products of patches. */
export interface Patches {
  readonly direction: "gather" | "scatter";
  readonly routed: Routed;
  /** What the places have to count, for each of the windows' axes: elements of the image. */
  readonly weights: readonly number[];
  /** Which operand of the convolution is routed, and the other one as it is stored. */
  readonly operand: 0 | 1;
  readonly stored: Node;
  /** Of the routed values: images, windows, channels in their order. */
  readonly extents: readonly number[];
  readonly patch: readonly number[];
  /** Over the extents, then the patch; without the places. */
  readonly image: Affine;
  readonly kernel: Affine;
}

/** Reads a convolution as products of patches, if its loops allow that and it is less work. */
export function patchesOf(node: Node): Patches | undefined {
  if (node.op !== "convolve") return undefined;
  const patches = gather(node) ?? scatter(node);
  return patches !== undefined && isLessWork(node, patches) ? patches : undefined;
}

/** The same where the places count the image's elements, so that a kernel can be made of it. */
export function readyPatchesOf(node: Node): Patches | undefined {
  const patches = patchesOf(node);
  return patches && sameShape(patches.weights, patches.routed.weights) ? patches : undefined;
}

/** ∂L/∂w: x [c, …, images], g [windows…, images, o] → [c, k…, o]. */
function gather(node: NodeOf<"convolve">): Patches | undefined {
  const [x, g] = node.inputs;
  const view = routedView(g);
  if (view === undefined || !staysInside(node)) return undefined;
  const rank = x.shape.length - 2;
  const { aIndex } = convolveIndices(node);
  const { base, at } = seenThrough(x, aIndex, () => false);
  // The loops: c, k…, o, then the places of windows…, images.
  const outer = rank + 2;
  const result = stridesOf(node.shape);
  return assemble(view, {
    direction: "gather",
    operand: 1,
    stored: base,
    axisLoops: [...view.groups.map((_, axis) => outer + axis).slice(0, -1), rank + 1],
    image: at,
    kernel: { offset: 0, strides: [...result, ...new Array<number>(rank + 1).fill(0)] },
    patchLoops: Array.from({ length: rank + 1 }, (_, loop) => loop),
    extents: node.shape,
  });
}

/** ∂L/∂x: g [images, windows…, o], the kernel mirrored [k…, o, c] → [images, …, c]. */
function scatter(node: NodeOf<"convolve">): Patches | undefined {
  const [g, w] = node.inputs;
  const view = routedView(g);
  const { stride, dilation, low, high } = node.attributes;
  const isWhole = stride.every(
    (step, axis) =>
      step === 1 &&
      dilation[axis] === 1 &&
      low[axis] === w.shape[axis] - 1 &&
      high[axis] === low[axis],
  );
  if (view === undefined || !isWhole) return undefined;
  const rank = stride.length;
  // The loops here: images, windows…, o, then the patch m…, c, where m = low − k.
  const loops = 2 * rank + 3;
  const unit = (loop: number, factor = 1, offset = 0): Affine => {
    const strides = new Array<number>(loops).fill(0);
    strides[loop] = factor;
    return { offset, strides };
  };
  const { base, at } = seenThrough(
    w,
    [
      ...stride.map((_, axis) => unit(rank + 2 + axis, -1, low[axis])),
      unit(rank + 1),
      unit(loops - 1),
    ],
    () => false,
  );
  const rowMajor = stridesOf(node.shape);
  const channel = rowMajor[rank + 1];
  const spatial = rowMajor.slice(1, -1);
  return assemble(view, {
    direction: "scatter",
    operand: 0,
    stored: base,
    axisLoops: view.groups.map((_, axis) => axis),
    image: { offset: 0, strides: [rowMajor[0], ...spatial, 0, ...spatial, channel] },
    kernel: at,
    patchLoops: Array.from({ length: rank + 1 }, (_, i) => rank + 2 + i),
    extents: [...g.shape, ...w.shape.slice(0, rank), node.shape[rank + 1]],
  });
}

interface Loops {
  readonly direction: "gather" | "scatter";
  readonly operand: 0 | 1;
  readonly stored: Node;
  /** The loop over each axis of the routed operand. */
  readonly axisLoops: readonly number[];
  /** The loops over a patch. */
  readonly patchLoops: readonly number[];
  /** Of the loops of the patch at least. */
  readonly extents: readonly number[];
  readonly image: Affine;
  readonly kernel: Affine;
}

/** Takes the routed operand's axes apart: the loop over an axis that joins windows and their places gives
 * both of them their strides. */
function assemble({ routed, groups }: RoutedView, loops: Loops): Patches | undefined {
  const { shape, axes } = routed;
  const { image, kernel } = loops;
  const imageStrides = new Map<number, number>();
  const kernelStrides = new Map<number, number>();
  for (const [axis, group] of groups.entries()) {
    const loop = loops.axisLoops[axis];
    let step = 1;
    for (const member of group.toReversed()) {
      imageStrides.set(member, step * (image.strides[loop] ?? 0));
      kernelStrides.set(member, step * (kernel.strides[loop] ?? 0));
      step *= shape[member];
    }
  }
  if (imageStrides.size < shape.length || axes.some((axis) => kernelStrides.get(axis) !== 0)) {
    return undefined;
  }
  const kept = shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const patch = loops.patchLoops.toSorted(
    (one, other) => image.strides[other] - image.strides[one],
  );
  const over = ({ offset, strides }: Affine, own: ReadonlyMap<number, number>): Affine => ({
    offset,
    strides: [...kept.map((axis) => own.get(axis)!), ...patch.map((loop) => strides[loop])],
  });
  // Images, windows, channels: the kernel varies over these alone, the image over all but these.
  const channels = kept[kept.length - 1];
  const areInOrder = kept.every((axis) =>
    axis === channels ? imageStrides.get(axis) === 0 : kernelStrides.get(axis) === 0,
  );
  const isInLanes = image.strides[patch[patch.length - 1]] === 1;
  if (!areInOrder || !isInLanes || shape.includes(0)) return undefined;
  return {
    direction: loops.direction,
    routed,
    weights: axes.map((axis) => imageStrides.get(axis)!),
    operand: loops.operand,
    stored: loops.stored,
    extents: kept.map((axis) => shape[axis]),
    patch: patch.map((loop) => loops.extents[loop]),
    image: over(image, imageStrides),
    kernel: over(kernel, kernelStrides),
  };
}

/** Whether no product of a convolution lies in its padding. */
function staysInside({ shape, inputs, attributes }: NodeOf<"convolve">): boolean {
  const [x, w] = inputs;
  const { stride, dilation, low } = attributes;
  return stride.every((step, axis) => {
    const last = (shape[axis + 1] - 1) * step + (w.shape[axis] - 1) * dilation[axis];
    return low[axis] === 0 && last < x.shape[axis + 1];
  });
}

/** Cycles that a vector of products takes in dense tiles, and in patches: there each one is loaded, and
 * in the scatter loaded and stored. */
const denseCycles = 0.55;
const patchCycles = { gather: 0.65, scatter: 1.1 } as const;

function isLessWork(
  { dtype }: Node,
  { direction, routed, patch, image, extents }: Patches,
): boolean {
  const lanes = dtype === "float64" ? 2 : 4;
  const windowSize = sizeOf(routed.axes.map((axis) => routed.shape[axis]));
  let run = 1;
  let rows = sizeOf(patch);
  for (let dim = patch.length - 1; dim >= 0; dim--) {
    if (image.strides[extents.length + dim] !== run) break;
    run *= patch[dim];
    rows /= patch[dim];
  }
  const dense = (windowSize * sizeOf(patch) * denseCycles) / lanes;
  return rows * Math.ceil(run / lanes) * patchCycles[direction] < dense;
}

/** The scatter's kernel with the elements of each channel's patch in order: [o, m…, c]. */
export function packKernel(node: NodeOf<"convolve">): Node {
  const [g, w] = node.inputs;
  const rank = w.shape.length - 2;
  const spatial = Array.from({ length: rank }, (_, axis) => axis);
  const flip = (x: Node) => makeNode("flip", [x], { axes: spatial });
  const packed = makeNode(
    "stopGradient",
    [build.permute(flip(w), [rank, ...spatial, rank + 1])],
    {},
  );
  const view = build.permute(packed, [...spatial.map((axis) => axis + 1), 0, rank + 1]);
  return makeNode("convolve", [g, flip(view)], node.attributes);
}
