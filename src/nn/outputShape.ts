/** Shape inference of layers: traces the forward graph once with placeholders. */

import { build, type Shape } from "../ir/index.ts";
import { fromNode, type Tensor } from "../tensor/index.ts";
import { ShapeError } from "../util/index.ts";
import type { Layer, LayerContext } from "./layer.ts";
import { isParameterSpec, type ParameterSpecs } from "./parameter.ts";

/** Any number of rows will do: shapes beyond the batch axis must not depend on it. */
const probeBatch = 2;

/** The shape of one result for samples of shape `input`.
 * @throws ShapeError when the layer mixes up the batch axis, or what the layer itself throws. */
export function outputShapeOf(layer: Layer, input: Shape): Shape {
  const x = placeholder("x", [probeBatch, ...input]);
  const context: LayerContext = { training: false, randomKey: () => randomKeyPlaceholder() };
  const result = layer.forward(placeholders(layer.parameters(input)), x, context);
  if (result.shape[0] !== probeBatch) {
    throw new ShapeError(
      `Layer "${layer.kind}": expected a result [batch, ...] for input [batch, ${input.join(", ")}]; ` +
        `with a batch of ${probeBatch} it gave [${result.shape.join(", ")}].`,
    );
  }
  return result.shape.slice(1);
}

function placeholder(name: string, shape: Shape): Tensor {
  return fromNode(build.input(name, shape, "float32"));
}

function randomKeyPlaceholder(): Tensor {
  return fromNode(build.input("key", [2], "int32"));
}

function placeholders(specs: ParameterSpecs): unknown {
  return Object.fromEntries(
    Object.entries(specs).map(([name, value]) => [
      name,
      isParameterSpec(value) ? placeholder(name, value.shape) : placeholders(value),
    ]),
  );
}
