/** Tracing: running a user's function on stand-ins for its arguments to obtain its graph. */

import {
  build,
  type DType,
  formatShape,
  type InputNode,
  isFloat,
  type Shape,
} from "../ir/index.ts";
import {
  DTypeError,
  mapTree,
  ShapeError,
  type Tree,
  treeEntries,
  UsageError,
} from "../util/index.ts";
import { Tensor } from "./tensor.ts";

/** A fresh stand-in for a value of the given type. */
export function freshInput(name: string, shape: Shape, dtype: DType): InputNode {
  return build.input(name, shape, dtype);
}

/** A tree of arguments in which some tensors were replaced by stand-ins. */
export interface Traced {
  readonly tree: unknown;
  readonly inputs: readonly InputNode[];
  readonly tensors: readonly Tensor[];
}

/** Replaces every tensor of a tree by a fresh input; other leaves stay.
 * @param inputShape the shape of the stand-in of a tensor; that of the tensor unless told. */
export function traceTree(
  tree: unknown,
  name: string,
  inputShape: (tensor: Tensor) => Shape = ({ shape }) => shape,
): Traced {
  const inputs: InputNode[] = [];
  const tensors: Tensor[] = [];
  const traced = mapTree(tree as Tree<unknown>, (leaf, path) => {
    if (!(leaf instanceof Tensor)) return leaf;
    const label = path === "" ? name : `${name}.${path}`;
    const node = freshInput(label, inputShape(leaf), leaf.dtype);
    inputs.push(node);
    tensors.push(leaf);
    return new Tensor(node);
  });
  return { tree: traced, inputs, tensors };
}

/** The argument that a derivative is taken with respect to: all its leaves must be float tensors. */
export function differentiableArgument(
  where: string,
  argumentsGiven: readonly unknown[],
  position: number,
): unknown {
  if (!Number.isInteger(position) || position < 0 || position >= argumentsGiven.length) {
    throw new UsageError(
      `${where}: expected an argument ${position} to differentiate, got ${argumentsGiven.length} ` +
        `arguments; { argument } counts from 0.`,
    );
  }
  const tree = argumentsGiven[position];
  for (const [path, leaf] of treeEntries(tree as Tree<unknown>)) {
    const place = `argument ${position}${path && ` at ${path}`}`;
    if (!(leaf instanceof Tensor)) {
      throw new UsageError(
        `${where}: expected a tensor as ${place}, got ${leaf === null ? "null" : typeof leaf}; ` +
          `make it with tensor().`,
      );
    }
    if (!isFloat(leaf.dtype)) {
      throw new DTypeError(
        `${where}: expected float32 or float64 as ${place}, got ${leaf.dtype}, which has no ` +
          `gradient; cast() it, or pass it as another argument.`,
      );
    }
  }
  return tree;
}

/** The result of a function as a tensor of floats. */
export function expectFloatResult(where: string, result: unknown): Tensor {
  if (!(result instanceof Tensor)) {
    throw new UsageError(
      `${where}: expected the function to return a tensor, got ${typeof result}.`,
    );
  }
  if (!isFloat(result.dtype)) {
    throw new DTypeError(
      `${where}: expected the function to return float32 or float64, got ${result.dtype}, which has ` +
        `no gradient.`,
    );
  }
  return result;
}

/** The result of a loss as a scalar tensor. */
export function expectScalarResult(where: string, result: unknown): Tensor {
  const loss = expectFloatResult(where, result);
  if (loss.rank !== 0) {
    throw new ShapeError(
      `${where}: expected the function to return a scalar, got ${loss.dtype}` +
        `${formatShape(loss.shape)}; sum it with .sum() or average it with .mean().`,
    );
  }
  return loss;
}
