/** The quadratic layer of a multi-layer quadratic perceptron (MLQP). */

import { glorotUniform, zeros } from "../initializers.ts";
import { defineLayer, type Layer } from "../layer.ts";
import { expectWhole, vectorLength } from "./expect.ts";

export const quadraticLayer = defineLayer({
  name: "quadratic",
  parameters: ({ input }, { units }: { readonly units: number }) => {
    expectWhole("quadratic", "units", units);
    const shape = [units, vectorLength("quadratic", input)];
    return { u: glorotUniform(shape), v: glorotUniform(shape), b: zeros([units]) };
  },
  forward: ({ u, v, b }, x) => x.square().matmul(u.T).add(x.matmul(v.T)).add(b),
});

/** Each unit computes Σᵢ (uᵢ xᵢ² + vᵢ xᵢ) + b; follow it by an activation.
 * u, v [units, inputs], b [units]: x [batch, inputs] → [batch, units].
 *
 * @throws UsageError when `units` is not a positive integer; ShapeError when samples are not vectors.
 */
export function quadratic(units: number): Layer {
  return quadraticLayer({ units });
}
