/** Sums over products: what does not vary along the summed axes comes out where that makes two sums one,
 * and sums that are zero whatever the inputs go.
 *
 * The gradient of a normalization x̂ = (x − μ)/σ asks for Σ g, Σ g·γ/σ, Σ g·x̂, Σ g·(γ/σ)·x̂, Σ (x − μ) and
 * Σ of the gradient by x, all over the same elements. Two of them are enough: S = Σ g and
 * T = Σ g·(x − μ). The next two are multiples of these, and the last two are zero.
 */

import { build, isFloat, type Node, rewrite, sizeOf, topologicalOrder } from "../ir/index.ts";
import { type Monomial, Monomials } from "./monomials.ts";
import { UniqueNodes } from "./simplify.ts";

/** The graph with fewer sums over large arrays. A sum that vanishes exactly in real arithmetic becomes 0,
 * which is nearer to the truth than its rounding errors; others change by a few roundings. */
export function mergeSums(outputs: readonly Node[], unique = new UniqueNodes()): Node[] {
  return pullFactors(dropZeroSums(outputs, unique), unique);
}

function isFloatSum(node: Node): boolean {
  return node.op === "reduceSum" && isFloat(node.dtype) && sizeOf(node.inputs[0].shape) > 0;
}

/** Σ (x − Σx/n) and the like. */
function dropZeroSums(outputs: readonly Node[], unique: UniqueNodes): Node[] {
  const monomials = new Monomials(unique, { expand: true });
  return rewrite(outputs, (rebuilt) => {
    const node = unique.of(rebuilt);
    if (node.op !== "reduceSum" || !isFloatSum(node)) return node;
    const sum = monomials.sumOf(node.inputs[0], node.attributes.axes);
    return sum.length === 0 ? build.full(0, node.shape, node.dtype) : node;
  });
}

/** Σ c·x and Σ d·x become c·S and d·S with S = Σ x. */
function pullFactors(outputs: readonly Node[], unique: UniqueNodes): Node[] {
  const before = new Monomials(unique, { expand: false });
  const sums = new Map<string, number>();
  const keys = new Map<Node, string>();
  for (const node of topologicalOrder(outputs)) {
    const parts = partsOf(node, before);
    if (parts === undefined) continue;
    keys.set(node, parts.key);
    sums.set(parts.key, (sums.get(parts.key) ?? 0) + 1);
  }
  if ([...sums.values()].every((count) => count < 2)) return [...outputs];
  const monomials = new Monomials(unique, { expand: false });
  return rewrite(outputs, (rebuilt, original) => {
    const node = unique.of(rebuilt);
    const key = keys.get(original);
    const isAlone = key === undefined || sums.get(key)! < 2;
    const parts = isAlone ? undefined : partsOf(node, monomials);
    if (parts === undefined) return node;
    const { shape } = node.inputs[0];
    const varying = monomials.nodeOf(parts.varying, shape, node.dtype);
    const axes = node.op === "reduceSum" ? node.attributes.axes : [];
    const sum = unique.of(build.reduceSum(varying, axes, true));
    const scaled = monomials.times(sum, parts.constant, build.keptShape(shape, axes), node.dtype);
    return unique.of(build.reshape(scaled, node.shape));
  });
}

interface Parts {
  /** What sums of the same product over the same axes share. */
  readonly key: string;
  readonly varying: Monomial;
  /** The factors that do not vary along the summed axes. */
  readonly constant: Monomial;
}

/** The summed product in two parts; undefined for what is not a product that varies. */
function partsOf(node: Node, monomials: Monomials): Parts | undefined {
  if (node.op !== "reduceSum" || !isFloatSum(node)) return undefined;
  const { axes } = node.attributes;
  const [operand] = node.inputs;
  const product = monomials.productOf(operand);
  if (product === undefined) return undefined;
  const { varying, constant } = monomials.split(product, axes);
  if (varying.factors.size === 0) return undefined;
  const key = `${monomials.keyOf(varying)} over ${axes} of ${operand.shape}`;
  return { key, varying, constant };
}
