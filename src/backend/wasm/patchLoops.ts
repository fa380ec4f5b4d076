/** Arranges products of patches: the vectors that make up a patch, and the images that stay in the cache. */

import { bytesPerElement, type ContractOperand, type PatchKernel } from "../../compile/index.ts";
import { sizeOf } from "../../ir/index.ts";
import type { LaneCount } from "./lanes.ts";

/** Neighbouring elements of a patch, the lanes of one vector. */
export interface PatchVector {
  /** Where the first one lies in the image, from the patch's place on. */
  readonly image: number;
  /** Where each lies among the weights of its channel. */
  readonly weights: readonly number[];
}

/** The kernel with its patch cut into vectors; the operands' strides are over `extents`. */
export interface PatchLoops {
  readonly kind: "patch";
  readonly direction: "gather" | "scatter";
  readonly dtype: "float32" | "float64";
  readonly lanes: LaneCount;
  /** Images, windows, channels. */
  readonly extents: readonly number[];
  readonly vectors: readonly PatchVector[];
  readonly values: ContractOperand;
  readonly places: ContractOperand;
  readonly image: ContractOperand;
  readonly weights: ContractOperand;
  /** Images that a gather takes at a time; divides their number. */
  readonly blockImages: number;
  /** Whether products and sums are one instruction. */
  readonly fused: boolean;
}

/** Half of the first cache of today's processors: the rest is for weights and sums. */
const cacheBytes = 16 * 1024;

export function arrangePatches(kernel: PatchKernel, fused: boolean): PatchLoops {
  const { direction, dtype, extents, patch, image, weights } = kernel;
  const lanes = dtype === "float64" ? 2 : 4;
  const rank = extents.length;
  const over = ({ buffer, at }: ContractOperand): ContractOperand => ({
    buffer,
    at: { offset: at.offset, strides: at.strides.slice(0, rank) },
  });
  const strides = extents.map((_, dim) => sizeOf(extents.slice(dim + 1)));
  const contiguous = (buffer: number) => ({ buffer, at: { offset: 0, strides } });
  const [images] = extents;
  const imageBytes =
    Math.abs(image.at.strides[0]) * bytesPerElement[dtype] +
    strides[0] * (bytesPerElement[dtype] + bytesPerElement.int32);
  let blockImages = Math.max(1, Math.min(images, Math.floor(cacheBytes / imageBytes)));
  while (images % blockImages !== 0) blockImages--;
  return {
    kind: "patch",
    direction,
    dtype,
    lanes,
    extents,
    vectors: vectorsOf(patch, image.at.strides.slice(rank), weights.at.strides.slice(rank), lanes),
    values: contiguous(kernel.values),
    places: contiguous(kernel.places),
    image: over(image),
    weights: over(weights),
    blockImages,
    fused,
  };
}

/** Cuts a patch into vectors: each takes elements that are neighbours in the image. */
function vectorsOf(
  patch: readonly number[],
  image: readonly number[],
  weights: readonly number[],
  lanes: number,
): PatchVector[] {
  const elements = patch.reduce(
    (all, extent, dim) =>
      all.flatMap(({ image: place, weight }) =>
        Array.from({ length: extent }, (_, i) => ({
          image: place + i * image[dim],
          weight: weight + i * weights[dim],
        })),
      ),
    [{ image: 0, weight: 0 }],
  );
  const vectors: { image: number; weights: number[] }[] = [];
  for (const { image: place, weight } of elements) {
    const last = vectors.at(-1);
    if (last && last.weights.length < lanes && place === last.image + last.weights.length) {
      last.weights.push(weight);
    } else {
      vectors.push({ image: place, weights: [weight] });
    }
  }
  return vectors;
}
