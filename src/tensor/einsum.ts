/** Sums of products in Einstein's notation: the entry `chainrule/tensor/einsum`. */

import { build, formatShape, type Node, type Shape, sizeOf } from "../ir/index.ts";
import { ShapeError } from "../util/index.ts";
import { apply, type Tensor } from "./tensor.ts";

/** Sums of products over named axes (Einstein's convention), one letter an axis; without "->" the
 * result has the letters that appear once, in alphabetical order.
 *
 * @example
 * einsum("bij,bjk->bik", a, b); // a batch of matrix products
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  return apply((...nodes: Node[]) => einsumOfNodes(equation, nodes), ...operands);
}

/** Operands are contracted from left to right, each pair as one matmul. */
function einsumOfNodes(equation: string, operands: readonly Node[]): Node {
  const { terms, result } = parseEquation(equation, operands);
  const all = terms.map((labels, i): Term => ({ labels, node: operands[i] }));
  const lengths = labelLengths(equation, all);
  const [first, ...rest] = all;
  const total = rest.reduce((left, right, i) => {
    const later = new Set([...result, ...rest.slice(i + 1).flatMap(({ labels }) => [...labels])]);
    return contract(left, right, later, lengths);
  }, first);
  const summed = sumOut(total, new Set(result));
  return build.permute(
    summed.node,
    [...result].map((label) => summed.labels.indexOf(label)),
  );
}

interface Term {
  readonly labels: string;
  readonly node: Node;
}

function parseEquation(equation: string, operands: readonly Node[]) {
  const [left, right, ...more] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  const counted = [...left.replaceAll(",", "")];
  const once = [...new Set(counted)].filter(
    (label) => counted.indexOf(label) === counted.lastIndexOf(label),
  );
  const result = right ?? once.sort().join("");
  const valid =
    more.length === 0 &&
    terms.length === operands.length &&
    /^[a-zA-Z]*$/.test(counted.join("") + result) &&
    terms.every((labels, i) => labels.length === operands[i].shape.length) &&
    [...terms, result].every((labels) => new Set(labels).size === labels.length) &&
    [...result].every((label) => counted.includes(label));
  if (!valid) {
    throw new ShapeError(
      `einsum: "${equation}" does not describe operands of shapes ` +
        `${operands.map(({ shape }) => formatShape(shape)).join(", ")}; expected one letter for each ` +
        `axis, each at most once in an operand, as in "ij,jk->ik".`,
    );
  }
  return { terms, result };
}

function labelLengths(equation: string, terms: readonly Term[]): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>();
  for (const { labels, node } of terms) {
    for (const [axis, label] of [...labels].entries()) {
      const known = lengths.get(label) ?? node.shape[axis];
      if (known !== node.shape[axis]) {
        throw new ShapeError(
          `einsum: "${label}" in "${equation}" has length ${known} in one operand and ` +
            `${node.shape[axis]} in another; expected equal lengths.`,
        );
      }
      lengths.set(label, known);
    }
  }
  return lengths;
}

/** Sums over the labels that are not needed. */
function sumOut({ labels, node }: Term, needed: ReadonlySet<string>): Term {
  const axes = [...labels].flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  return {
    labels: [...labels].filter((label) => needed.has(label)).join(""),
    node: build.reduceSum(node, axes),
  };
}

/** One matmul: [shared and kept, own of a, summed] × [shared and kept, summed, own of b]. */
function contract(
  left: Term,
  right: Term,
  later: ReadonlySet<string>,
  lengths: ReadonlyMap<string, number>,
): Term {
  const a = sumOut(left, new Set([...later, ...right.labels]));
  const b = sumOut(right, new Set([...later, ...left.labels]));
  const shared = [...a.labels].filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => later.has(label));
  const summed = shared.filter((label) => !later.has(label));
  const ownA = [...a.labels].filter((label) => !shared.includes(label));
  const ownB = [...b.labels].filter((label) => !shared.includes(label));
  const arrange = ({ labels, node }: Term, groups: readonly string[][]): Node => {
    const order = groups.flat().map((label) => labels.indexOf(label));
    return build.reshape(build.permute(node, order), groups.map(sizeOfLabels));
  };
  const shapeOf = (labels: readonly string[]): Shape => labels.map((label) => lengths.get(label)!);
  const sizeOfLabels = (labels: readonly string[]) => sizeOf(shapeOf(labels));
  const product = build.matmul(
    arrange(a, [batch, ownA, summed]),
    arrange(b, [batch, summed, ownB]),
  );
  const labels = [...batch, ...ownA, ...ownB];
  return { labels: labels.join(""), node: build.reshape(product, shapeOf(labels)) };
}
