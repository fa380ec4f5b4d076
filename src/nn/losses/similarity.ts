/** Losses of similarity between vectors: cosine, contrastive, triplet. */

import type { Tensor } from "../../tensor/index.ts";
import { ShapeError } from "../../util/index.ts";
import { defineLoss, type Loss } from "./loss.ts";
import type { ReductionOption } from "./regression.ts";
import { asRows, asSigns } from "./target.ts";

/** The `count` vectors of each sample: [batch, count·n] or [batch, count, n] → count × [batch, n]. */
function vectors(kind: string, prediction: Tensor, count: number): Tensor[] {
  const batch = prediction.shape[0];
  const width = prediction.size / batch;
  if (width % count !== 0) {
    throw new ShapeError(
      `Loss "${kind}": expected ${count} vectors of one length a sample, got ${width} values; ` +
        "join the encoders' results by joins.concatenate().",
    );
  }
  return prediction
    .reshape([batch, count, width / count])
    .split(count, 1)
    .map((part) => part.reshape([batch, width / count]));
}

/** Added to squared lengths, so that the cosine of a zero vector is 0; PyTorch's value. */
const cosineEpsilon = 1e-12;

function cosineOf(a: Tensor, b: Tensor): Tensor {
  const squares = a.square().sum(1).add(cosineEpsilon).mul(b.square().sum(1).add(cosineEpsilon));
  return a.mul(b).sum(1).div(squares.sqrt());
}

export interface CosineOptions extends ReductionOption {
  /** Cosine up to which different vectors cost nothing; default 0. */
  readonly margin?: number;
}

/** 1 − cos(a, b) for pairs that belong together (label 1), max(0, cos(a, b) − margin) for others (label
 * 0, or value −1). Outputs hold a and b: [batch, 2·n]. Equal to PyTorch's CosineEmbeddingLoss. */
export function cosine(options: CosineOptions = {}): Loss {
  const { reduction = "mean", margin = 0 } = options;
  return defineLoss({
    name: "cosine",
    options: { ...options, reduction },
    reduction,
    perSample: (prediction, target) => {
      const [a, b] = vectors("cosine", prediction, 2);
      const similarity = cosineOf(a, b);
      const { signs } = asSigns("cosine", similarity, target);
      const apart = similarity.sub(margin).relu();
      return signs.reshape(similarity.shape).gt(0).where(similarity.neg().add(1), apart);
    },
    readout: (prediction) => {
      const [a, b] = vectors("cosine", prediction, 2);
      return cosineOf(a, b);
    },
    classify: (prediction) => {
      const [a, b] = vectors("cosine", prediction, 2);
      return cosineOf(a, b).gt(margin).cast("int32");
    },
    classCount: () => 2,
  });
}

export interface ContrastiveOptions extends ReductionOption {
  /** Distance from which different vectors cost nothing; default 1. */
  readonly margin?: number;
}

/** ½D² for pairs that belong together (label 1), ½max(0, margin − D)² for others (label 0), with D the
 * Euclidean distance. Outputs hold both vectors: [batch, 2·n]. Hadsell, Chopra, LeCun, CVPR 2006. */
export function contrastive(options: ContrastiveOptions = {}): Loss {
  const { reduction = "mean", margin = 1 } = options;
  const distance = (prediction: Tensor) => {
    const [a, b] = vectors("contrastive", prediction, 2);
    return a.sub(b).norm(1);
  };
  return defineLoss({
    name: "contrastive",
    options: { ...options, reduction },
    reduction,
    perSample: (prediction, target) => {
      const apart = distance(prediction);
      const { expected } = asRows("contrastive", apart, target);
      const short = apart.neg().add(margin).relu();
      const together = expected.reshape(apart.shape).gt(0.5);
      return together.where(apart.square(), short.square()).mul(0.5);
    },
    readout: distance,
    classify: (prediction) =>
      distance(prediction)
        .lt(margin / 2)
        .cast("int32"),
    classCount: () => 2,
  });
}

export interface TripletOptions extends ReductionOption {
  /** By how much the negative must be further away; default 1. */
  readonly margin?: number;
  /** p of the distance (Σ |d|ᵖ)^(1/p); default 2. */
  readonly order?: number;
  /** Whether the negative's distance to the positive counts where it is smaller; default false. */
  readonly swap?: boolean;
}

/** Added to differences, so that the distance has a gradient at 0; PyTorch's value. */
const distanceEpsilon = 1e-6;

/** max(0, D(anchor, positive) − D(anchor, negative) + margin). Outputs hold the three vectors:
 * [batch, 3·n]; targets are not looked at. Schroff, Kalenichenko, Philbin, CVPR 2015; `swap`: Balntas et
 * al., BMVC 2016. Equal to PyTorch's TripletMarginLoss. */
export function triplet(options: TripletOptions = {}): Loss {
  const { reduction = "mean", margin = 1, order = 2, swap = false } = options;
  return defineLoss({
    name: "triplet",
    options: { ...options, reduction },
    reduction,
    perSample: (prediction) => {
      const [anchor, positive, negative] = vectors("triplet", prediction, 3);
      const distance = (a: Tensor, b: Tensor) => a.sub(b).add(distanceEpsilon).norm(1, { order });
      const near = distance(anchor, positive);
      const far = distance(anchor, negative);
      const nearer = swap ? far.minimum(distance(positive, negative)) : far;
      return near.sub(nearer).add(margin).relu();
    },
  });
}
