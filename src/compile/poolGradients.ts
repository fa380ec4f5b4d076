/** The gradient of max pooling is one value for each window: what is computed from it is computed for the
 * windows, not for all their elements. */

import {
  build,
  makeNode,
  type Node,
  type NodeOf,
  opKinds,
  rewrite,
  sameShape,
} from "../ir/index.ts";
import { overPaddedImage } from "./padConvolutions.ts";
import { patchesOf } from "./patches.ts";
import {
  type Routed,
  replaceRouted,
  route,
  routedOf,
  routedView,
  winnerOf,
  withWeights,
} from "./routed.ts";
import { uniformValue } from "./simplify.ts";

/** After this pass the derivative of an activation in front of max pooling multiplies the windows' values, sums
 * over whole windows are sums of these values, and the places of convolutions that can be products of
 * patches count elements of the image. */
export function poolGradients(outputs: readonly Node[]): Node[] {
  return rewrite(outputs, (node) => {
    if (node.op === "select" || node.op === "mul") return maskWindows(node) ?? node;
    if (node.op === "reduceSum") return sumWindows(node) ?? node;
    if (node.op === "convolve") return placeInImage(node) ?? node;
    return node;
  });
}

/** The operands of which a routed one makes the result one, of the same places: what is 0 stays 0. */
function factors({ op, inputs }: NodeOf<"select" | "mul">): number[] {
  if (op === "mul") return [0, 1];
  const zero = inputs.findIndex((input, i) => i > 0 && uniformValue(input) === 0);
  return zero < 0 ? [] : [3 - zero];
}

/** f′(x) · routed, for any expression in x alone, is routed(f′(largest x) · values): the place of each
 * value is where x has its largest element. */
function maskWindows(node: NodeOf<"select" | "mul">): Node | undefined {
  for (const place of factors(node)) {
    const operand = node.inputs[place];
    const routed = routedOf(withoutReshape(operand));
    const winner = routed && winnerOf(routed);
    if (!routed || !winner) continue;
    const image = withoutReshape(winner.x);
    if (!sameShape(image.shape, node.shape)) continue;
    const inputs = node.inputs.map((input, i) =>
      i === place ? routed.values : atWinner(input, image, winner.largest),
    );
    if (!inputs.every((input) => input !== undefined)) continue;
    const values = makeNode(node.op, inputs, node.attributes as never);
    return build.reshape(route({ ...routed, values }), node.shape);
  }
  return undefined;
}

/** An elementwise expression in x with the largest elements of x instead. */
function atWinner(node: Node, x: Node, largest: Node): Node | undefined {
  if (node === x) return largest;
  const value = uniformValue(node);
  if (value !== undefined) return build.full(value, largest.shape, node.dtype);
  if (opKinds[node.op] !== "elementwise") return undefined;
  const inputs = node.inputs.map((input) => atWinner(input, x, largest));
  return inputs.every((input) => input !== undefined)
    ? makeNode(node.op, inputs, node.attributes as never)
    : undefined;
}

/** The sum over all elements of windows is that of their values. */
function sumWindows(node: NodeOf<"reduceSum">): Node | undefined {
  const [operand] = node.inputs;
  const view = operand.op === "permute" ? undefined : routedView(operand);
  if (view === undefined) return undefined;
  const { routed, groups } = view;
  const summed = new Set(node.attributes.axes.flatMap((axis) => groups[axis]));
  if (!routed.axes.every((axis) => summed.has(axis)) || !winnerOf(routed)) return undefined;
  const kept = routed.shape.flatMap((_, axis) => (routed.axes.includes(axis) ? [] : [axis]));
  const axes = kept.flatMap((axis, i) => (summed.has(axis) ? [i] : []));
  return build.reshape(build.reduceSum(routed.values, axes), node.shape);
}

/** The convolution with places that count elements of the image, if it can be products of patches. */
function placeInImage(node: NodeOf<"convolve">): Node | undefined {
  const [x, w] = node.inputs;
  if (routedView(w) !== undefined) return placePatches(overPaddedImage(node));
  return routedView(x) && placePatchesInWhole(node);
}

/** The gradient of an image is that of the padded one, from which the padding goes. */
function placePatchesInWhole(node: NodeOf<"convolve">): Node | undefined {
  const { shape, attributes } = node;
  const [x, w] = node.inputs;
  const { stride, dilation, low } = attributes;
  const reach = low.map((_, axis) => w.shape[axis] - 1);
  const start = [0, ...reach.map((most, axis) => most - low[axis]), 0];
  const whole = makeNode("convolve", [x, w], { stride, dilation, low: reach, high: reach });
  const fits = start.every((first, axis) => first >= 0 && first + shape[axis] <= whole.shape[axis]);
  const image = fits ? placePatches(whole as NodeOf<"convolve">) : undefined;
  if (image === undefined || sameShape(image.shape, shape)) return image;
  return makeNode("slice", [image], { start, size: shape, step: shape.map(() => 1) });
}

function placePatches(node: NodeOf<"convolve">): Node | undefined {
  const patches = patchesOf(node);
  const winner = patches && winnerOf(patches.routed);
  const routed: Routed | undefined = winner && withWeights(patches.routed, winner, patches.weights);
  if (routed === undefined) return undefined;
  const operand = replaceRouted(node.inputs[patches!.operand], routed);
  return makeNode("convolve", node.inputs.with(patches!.operand, operand), node.attributes);
}

function withoutReshape(node: Node): Node {
  return node.op === "reshape" ? withoutReshape(node.inputs[0]) : node;
}
