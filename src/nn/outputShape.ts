/** Shape inference of layers: traces the forward graph once with placeholders. */

import { build, formatShape, type Shape } from "../ir/index.ts";
import { fromNode, type Tensor } from "../tensor/index.ts";
import { ShapeError } from "../util/index.ts";
import type { Join, Layer, LayerContext } from "./layer.ts";
import { isParameterSpec, type ParameterSpecs } from "./parameter.ts";

/** Any number of rows will do: shapes beyond the batch axis must not depend on it. */
const probeBatch = 2;

const probeContext: LayerContext = {
  training: false,
  randomKey: () => fromNode(build.input("key", [2], "int32")),
  update: () => {},
};

/** The shape of one result for samples of shape `input`.
 * @throws ShapeError when the layer mixes up the batch axis, or what the layer itself throws. */
export function outputShapeOf(layer: Layer, input: Shape): Shape {
  const x = placeholder("x", [probeBatch, ...input]);
  const result = layer.forward(placeholders(layer.parameters(input)), x, probeContext);
  return withoutBatch("Layer", layer.kind, result, [input]);
}

/** The shape of one result of a join of samples of these shapes. @throws as `outputShapeOf` */
export function joinedShapeOf(join: Join, inputs: readonly Shape[]): Shape {
  const xs = inputs.map((shape, i) => placeholder(`x${i}`, [probeBatch, ...shape]));
  const result = join.forward(placeholders(join.parameters(inputs)), xs, probeContext);
  return withoutBatch("Join", join.kind, result, inputs);
}

function withoutBatch(
  what: string,
  kind: string,
  { shape }: Tensor,
  inputs: readonly Shape[],
): Shape {
  if (shape[0] === probeBatch) return shape.slice(1);
  throw new ShapeError(
    `${what} "${kind}": expected a result [batch, ...] for input ` +
      `${inputs.map(formatBatch).join(" and ")}; with a batch of ${probeBatch} it gave ` +
      `${formatShape(shape)}.`,
  );
}

/** `[batch, 28, 28]`. */
export function formatBatch(shape: Shape): string {
  return `[${["batch", ...shape].join(", ")}]`;
}

function placeholder(name: string, shape: Shape): Tensor {
  return fromNode(build.input(name, shape, "float32"));
}

function placeholders(specs: ParameterSpecs): unknown {
  return Object.fromEntries(
    Object.entries(specs).map(([name, value]) => [
      name,
      isParameterSpec(value) ? placeholder(name, value.shape) : placeholders(value),
    ]),
  );
}
