/** Layers that arrange values or other layers: flatten, reshape, lambda, sequential. */

import { formatShape, type Shape, sizeOf } from "../../ir/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { ShapeError, UsageError } from "../../util/index.ts";
import { defineLayer, isJoin, type Layer, type Part } from "../layer.ts";
import { formatBatch, outputShapeOf } from "../outputShape.ts";
import type { ParameterSpecs } from "../parameter.ts";

export const flattenLayer = defineLayer({
  name: "flatten",
  forward: (_, x) => x.reshape([x.shape[0], sizeOf(x.shape.slice(1))]),
});

/** [batch, ...any] → [batch, features]. */
export function flatten(): Layer {
  return flattenLayer({});
}

export const reshapeLayer = defineLayer({
  name: "reshape",
  forward: (_, x, { options: { shape } }: { options: { readonly shape: Shape } }) => {
    const values = sizeOf(x.shape.slice(1));
    const known = sizeOf(shape.filter((length) => length !== -1));
    const unknown = shape.filter((length) => length === -1).length;
    const fits = unknown === 1 ? known > 0 && values % known === 0 : known === values;
    if (!fits || unknown > 1) {
      throw new ShapeError(
        `Layer "reshape": ${formatBatch(x.shape.slice(1))} holds ${values} values a sample, which ` +
          `do not fit into ${formatShape(shape)}.`,
      );
    }
    const filled = shape.map((length) => (length === -1 ? values / known : length));
    return x.reshape([x.shape[0], ...filled]);
  },
});

/** The values of each sample in another shape; one length may be −1. */
export function reshape(shape: Shape): Layer {
  return reshapeLayer({ shape });
}

/** A function of tensors as a layer without parameters: x [batch, ...input] → [batch, ...output].
 * A file cannot hold the function: to save such a network, name it by `defineLayer` instead.
 *
 * @example
 * layers.lambda((x) => x.sum(-1, { keepDims: true }));
 */
export function lambda(f: (x: Tensor) => Tensor): Layer {
  return {
    ...defineLayer({ name: "lambda", forward: (_, x) => f(x) })({}),
    options: { function: f },
  };
}

/** What children are given, by position. */
export type ByName = Readonly<Record<string, unknown>>;

/** @throws UsageError for a join among them */
export function onlyLayers(kind: string, children: readonly Part[]): readonly Layer[] {
  for (const child of children) {
    if (!isJoin(child)) continue;
    throw new UsageError(
      `Layer "${kind}": "${child.kind}" takes several inputs; use it in layers.parallel or graph().`,
    );
  }
  return children as readonly Layer[];
}

function sequentialLayer(_: object, children: readonly Part[]): Layer {
  const layers = onlyLayers("sequential", children);
  return {
    kind: "sequential",
    options: {},
    children,
    parameters: (input) => {
      const specs: Record<string, ParameterSpecs> = {};
      let shape: Shape = input;
      layers.forEach((layer, i) => {
        specs[i] = layer.parameters(shape);
        shape = outputShapeOf(layer, shape);
      });
      return specs;
    },
    forward: (parameters, x, context) =>
      layers.reduce<Tensor>(
        (value, layer, i) => layer.forward((parameters as ByName)[i] ?? {}, value, context),
        x,
      ),
  };
}

export const sequentialKind = Object.assign(sequentialLayer, { kind: "sequential" });

/** Several layers in a row as one. Parameters are named by position: `0.weight`. */
export function sequential(layers: readonly Layer[]): Layer {
  return sequentialLayer({}, layers);
}
