/** Jacobians and Hessians of functions of tensors: gradients mapped over all elements of a result. */

import { batch, gradients } from "../autograd/index.ts";
import { build, type Node, sizeOf, substitute } from "../ir/index.ts";
import { type ArgumentOption, grad } from "./differentiate.ts";
import { fromNodes, Tensor } from "./tensor.ts";
import { differentiableArgument, expectFloatResult, freshInput } from "./trace.ts";

/** All partial derivatives of a function from a tensor to a tensor: shape [...result, ...argument].
 *
 * Reverse mode: one backward pass, mapped over all elements of the result at once.
 *
 * @example
 * jacobian((x: Tensor) => x.square())(tensor([1, 2])); // [[2, 0], [0, 4]]
 */
export function jacobian<Arguments extends readonly unknown[]>(
  f: (...args: Arguments) => Tensor,
  { argument = 0 }: ArgumentOption = {},
): (...args: Arguments) => Tensor {
  return (...args) => {
    const actual = differentiableArgument("jacobian", args, argument);
    const point = expectFloatResult("jacobian: argument", actual);
    const x = freshInput("x", point.shape, point.dtype);
    const result = f(...(args.with(argument, new Tensor(x)) as unknown as Arguments));
    const y = expectFloatResult("jacobian", result).node;
    const cotangent = freshInput("cotangent", y.shape, y.dtype);
    const pulledBack = gradients([{ output: y, gradient: cotangent }], [x]);
    const size = sizeOf(y.shape);
    const identity = build.reshape(identityMatrix(size, y), [size, ...y.shape]);
    const [rows] = batch(pulledBack, new Map([[cotangent, identity]]), size);
    const all = build.reshape(rows, [...y.shape, ...x.shape]);
    return fromNodes(substitute([all], new Map([[x, point.node]])))[0];
  };
}

function identityMatrix(size: number, { dtype }: Node): Node {
  const index = (axis: number) => build.iota(axis, [size, size], "int32");
  return build.cast(build.binary("eq", index(0), index(1)), dtype);
}

/** All second partial derivatives of a scalar function of a tensor: shape [...argument, ...argument].
 *
 * @example
 * hessian((x: Tensor) => x.pow(3).sum())(tensor([1, 2])); // [[6, 0], [0, 12]]
 */
export function hessian<Arguments extends readonly unknown[]>(
  f: (...args: Arguments) => Tensor,
  { argument = 0 }: ArgumentOption = {},
): (...args: Arguments) => Tensor {
  const gradient = (...args: Arguments) =>
    expectFloatResult("hessian: argument", grad(f, { argument })(...args));
  return jacobian(gradient, { argument });
}
