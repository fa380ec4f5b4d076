/** Layers whose layers do not lie in one row: residual, parallel. */

import type { Shape } from "../../ir/index.ts";
import { ShapeError, UsageError } from "../../util/index.ts";
import { isJoin, type Join, type Layer, type Part } from "../layer.ts";
import { formatBatch, joinedShapeOf, outputShapeOf } from "../outputShape.ts";
import type { ParameterSpecs } from "../parameter.ts";
import { concatenate } from "./concatenate.ts";
import { type ByName, onlyLayers, sequential } from "./structure.ts";

function residualLayer(_: object, children: readonly Part[]): Layer {
  const inner = sequential(onlyLayers("residual", children));
  return {
    ...inner,
    kind: "residual",
    forward: (parameters, x, context) => {
      const y = inner.forward(parameters, x, context);
      if (y.shape.join() !== x.shape.join()) {
        throw new ShapeError(
          `Layer "residual": expected its layers to keep the shape ` +
            `${formatBatch(x.shape.slice(1))}, they give ${formatBatch(y.shape.slice(1))}; ` +
            "use layers.parallel with a shortcut that changes it too.",
        );
      }
      return x.add(y);
    },
  };
}

export const residualKind = Object.assign(residualLayer, { kind: "residual" });

/** x + f(x) with f the layers in a row. He, Zhang, Ren, Sun, CVPR 2016. */
export function residual(layers: readonly Layer[]): Layer {
  return residualLayer({}, layers);
}

/** The children are the branches and then the join. */
function parallelLayer(_: object, children: readonly Part[]): Layer {
  const join = children.at(-1);
  const branches = onlyLayers("parallel", children.slice(0, -1));
  if (join === undefined || !isJoin(join) || branches.length === 0) {
    throw new UsageError('Layer "parallel": expected at least one branch and a join.');
  }
  const branchShapes = (input: Shape) => branches.map((branch) => outputShapeOf(branch, input));
  return {
    kind: "parallel",
    options: {},
    children,
    parameters: (input) => {
      const specs: Record<string, ParameterSpecs> = {};
      branches.forEach((branch, i) => {
        specs[i] = branch.parameters(input);
      });
      specs.join = join.parameters(branchShapes(input));
      joinedShapeOf(join, branchShapes(input));
      return specs;
    },
    forward: (parameters, x, context) => {
      const values = parameters as ByName;
      const results = branches.map((branch, i) => branch.forward(values[i] ?? {}, x, context));
      return join.forward(values.join ?? {}, results, context);
    },
  };
}

export const parallelKind = Object.assign(parallelLayer, { kind: "parallel" });

/** Several layers side by side, each given x, and their results joined; by default concatenated along
 * the last axis. Parameters are named by position, and `join` for the join's own.
 *
 * @example
 * layers.parallel([layers.linear(8), layers.quadratic(8)]);             // [batch, 16]
 * layers.parallel([layers.identity(), layers.linear(4)], joins.add());  // x + W·x + b for 4 features
 */
export function parallel(branches: readonly Layer[], join: Join = concatenate()): Layer {
  return parallelLayer({}, [...branches, join]);
}
