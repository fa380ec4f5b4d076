/** Layers that arrange: flatten, and layers in a row as one layer. */

import type { Shape } from "../../ir/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { defineLayer, type Layer, type LayerContext } from "../layer.ts";
import { outputShapeOf } from "../outputShape.ts";
import type { ParameterSpecs } from "../parameter.ts";

export const flattenLayer = defineLayer({
  name: "flatten",
  forward: (_, x) => x.reshape([x.shape[0], -1]),
});

/** [batch, ...any] → [batch, features]. */
export function flatten(): Layer {
  return flattenLayer({});
}

/** Several layers in a row as one. Parameters are named by position: `0.weight`. */
export function sequential(layers: readonly Layer[]): Layer {
  return {
    kind: "sequential",
    options: {},
    children: layers,
    parameters: (input) => {
      const specs: Record<string, ParameterSpecs> = {};
      let shape: Shape = input;
      layers.forEach((layer, i) => {
        specs[i] = layer.parameters(shape);
        shape = outputShapeOf(layer, shape);
      });
      return specs;
    },
    forward: (parameters, x, context: LayerContext) =>
      layers.reduce<Tensor>(
        (value, layer, i) =>
          layer.forward((parameters as Record<string, unknown>)[i] ?? {}, value, context),
        x,
      ),
  };
}
