/** Gradients of functions of tensors, nested to any depth.
 *
 * A function is traced on fresh inputs, its graph is differentiated, and the actual arguments are put
 * in place of the inputs. Whatever else the function refers to is a constant of the derivative.
 */

import { gradients } from "../autograd/index.ts";
import { build, type Node, substitute } from "../ir/index.ts";
import { type Tree, withLeaves } from "../util/index.ts";
import { fromNodes, type Tensor } from "./tensor.ts";
import { differentiableArgument, expectScalarResult, traceTree } from "./trace.ts";

/** Which argument to differentiate by: its position from 0; default 0. */
export interface ArgumentOption<Position extends number = number> {
  readonly argument?: Position;
}

/** The function and its gradient at once: returns `[value, gradient]`.
 *
 * @param f returns a scalar; the argument may be a tensor or a record or array of tensors (a tree).
 * @throws ShapeError when the result is not a scalar.
 *
 * @example
 * const [loss, gradient] = valueAndGrad((w: Tensor) => w.square().sum())(tensor([1, 2]));
 */
export function valueAndGrad<Arguments extends readonly unknown[], Position extends number = 0>(
  f: (...args: Arguments) => Tensor,
  { argument }: ArgumentOption<Position> = {},
): (...args: Arguments) => [value: Tensor, gradient: Arguments[Position]] {
  return (...args) => {
    const [value, gradient] = differentiate("valueAndGrad", f, args, argument ?? 0);
    return [value, gradient as Arguments[Position]];
  };
}

/** The gradient of a scalar function, in the structure of the argument.
 *
 * @param f returns a scalar; the argument may be a tensor or a record or array of tensors (a tree).
 * @throws ShapeError when the result is not a scalar.
 *
 * @example
 * const std = (x: Tensor) => x.sub(x.mean()).square().mean().sqrt();
 * grad(std)(tensor([-1, 3])); // [-0.5, 0.5]
 */
export function grad<Arguments extends readonly unknown[], Position extends number = 0>(
  f: (...args: Arguments) => Tensor,
  { argument }: ArgumentOption<Position> = {},
): (...args: Arguments) => Arguments[Position] {
  return (...args) => differentiate("grad", f, args, argument ?? 0)[1] as Arguments[Position];
}

function differentiate<Arguments extends readonly unknown[]>(
  where: string,
  f: (...args: Arguments) => Tensor,
  args: Arguments,
  position: number,
): [value: Tensor, gradient: unknown] {
  const actual = differentiableArgument(where, args, position);
  const traced = traceTree(actual, "x");
  const result = f(...(args.with(position, traced.tree) as unknown as Arguments));
  const loss = expectScalarResult(where, result).node;
  const derivatives = gradients(
    [{ output: loss, gradient: build.fullLike(1, loss) }],
    traced.inputs,
  );
  const replacements = new Map<Node, Node>(
    traced.inputs.map((input, i) => [input, traced.tensors[i].node]),
  );
  const [value, ...parts] = fromNodes(substitute([loss, ...derivatives], replacements));
  return [value, withLeaves(actual as Tree<unknown>, parts)];
}
