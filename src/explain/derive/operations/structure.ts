/** Layers that arrange or thin out: flatten and other reshapes, dropout, embedding. */

import { ones } from "../../../tensor/index.ts";
import {
  and,
  at,
  bracket,
  compare,
  equation,
  hadamard,
  type Index,
  kronecker,
  type NumberArray,
  position,
  reshape,
  sum,
  symbol,
  times,
} from "../../math/index.ts";
import { contextOf } from "../../model.ts";
import { words } from "../../words.ts";
import { line } from "../derivation.ts";
import {
  chainSteps,
  gradientLine,
  layerSymbol,
  type Operation,
  offset,
  parameterSymbol,
  type Site,
  sampleIndex,
  unit,
} from "../site.ts";

const axisNames = ["h", "w", "c", "d", "e"];

/** One index for each axis of a sample: j for vectors, c, h, w for images. */
export function elementIndices(shape: readonly number[], names = axisNames): Index[] {
  if (shape.length === 1) return [unit("j", shape[0])];
  return shape.map((size, axis) => offset(names[axis] ?? `i${axis}`, size));
}

/** The same elements in another shape. */
export function rearranged(site: Site): Operation {
  const n = sampleIndex(site);
  const indices = elementIndices(site.inputShape);
  const whole = reshape(symbol(site.error), site.input.shape);
  const isVector = site.outputShape.length === 1;
  return {
    title: isVector ? words("flatten", "展平") : words("reshape", "变形"),
    parameters: [],
    quantities: [],
    forward: [
      line(equation(site.output, [], reshape(symbol(site.input), site.output.shape)), "reshaping"),
    ],
    inputGradient: {
      indices: [...n, ...indices],
      element: at(whole, [...n, ...indices]),
      whole,
      rule: "reshaping",
      steps: [],
      before: [],
    },
    parameterGradients: [],
  };
}

/** z = m ⊙ a, the mask m being 0 with probability p and 1/(1 − p) otherwise; a itself when not training. */
export function dropout(site: Site): Operation {
  const n = sampleIndex(site);
  const indices = [...n, ...elementIndices(site.inputShape)];
  const title = words("dropout", "随机失活（Dropout）");
  const delta = symbol(site.error);
  if (!site.training) {
    return {
      title,
      parameters: [],
      quantities: [],
      forward: [line(equation(site.output, [], symbol(site.input)), "forward", [], notTraining)],
      inputGradient: {
        indices,
        element: at(delta, indices),
        whole: delta,
        rule: "chainRule",
        steps: [],
        before: [],
      },
      parameterGradients: [],
    };
  }
  const { rate } = site.options;
  const mask = layerSymbol(
    site,
    "mask",
    "m",
    site.input.shape,
    words(
      `mask: 0 with probability ${rate ?? "p"}, else 1/(1 − ${rate ?? "p"})`,
      `掩码：以概率 ${rate ?? "p"} 取 0，否则取 1/(1 − ${rate ?? "p"})`,
    ),
  );
  const results = indices.map((index) => ({ ...index, name: `${index.name}′` }));
  return {
    title,
    parameters: [],
    quantities: [mask],
    constants: new Map([[mask.key, drawnMask(site)]]),
    forward: [
      line(equation(site.output, [], hadamard(symbol(mask), symbol(site.input))), "forward"),
    ],
    inputGradient: {
      indices,
      element: times(at(mask, indices), at(delta, indices)),
      whole: hadamard(symbol(mask), delta),
      rule: "mask",
      steps: chainSteps(site, results, site.input, indices, {
        value: times(
          ...results.map((index, axis) => kronecker(index, indices[axis])),
          at(mask, indices),
        ),
        rule: "mask",
      }),
      before: [],
    },
    parameterGradients: [],
  };
}

/** The mask that the layer draws: what it makes of ones. */
function drawnMask(site: Site): NumberArray {
  const shape = [site.batch ?? 1, ...site.inputShape];
  const drawn = site.layer.forward(
    {},
    ones(shape, { dtype: "float64" }),
    contextOf(true, site.firstKey),
  );
  return { shape: site.input.shape, data: Float64Array.from(drawn.data) };
}

const notTraining = words(
  "outside of training, dropout passes everything on",
  "非训练时，Dropout 原样传递",
);

/** z_t = E_{x_t}: rows of a table. */
export function embedding(site: Site): Operation | undefined {
  const [name] = site.parameters.keys();
  if (name === undefined) return undefined;
  const E = parameterSymbol(site, name, "E", words("table of embeddings", "嵌入表"));
  const n = sampleIndex(site);
  const places = site.inputShape.map((size, axis) => unit(axis === 0 ? "t" : `t${axis}`, size));
  const rows = offset("v", E.shape[0]);
  const d = unit("d", E.shape[1]);
  const e = unit("e", E.shape[1]);
  const token = at(site.input, [...n, ...places]);
  const taken = bracket(compare(token, "=", position(rows)));
  return {
    title: words("embedding", "嵌入层"),
    parameters: [{ path: E.key, symbol: E }],
    quantities: [],
    forward: [
      line(
        equation(site.output, [...n, ...places, d], at(E, [token, d])),
        "forward",
        [],
        words("indices count from 0", "下标从 0 开始"),
      ),
    ],
    inputGradient: {
      indices: [...n, ...places],
      element: { type: "number", value: 0 },
      rule: "lookUp",
      steps: [],
      before: [],
    },
    parameterGradients: [
      gradientLine(
        site,
        E,
        [rows, d],
        {
          element: sum([...n, ...places], times(taken, at(site.error, [...n, ...places, d]))),
          rule: "lookUp",
        },
        chainSteps(site, [...n, ...places, d], E, [rows, e], {
          value: bracket(
            and(compare(token, "=", position(rows)), compare(position(d), "=", position(e))),
          ),
          rule: "lookUp",
        }),
      ),
    ],
  };
}
