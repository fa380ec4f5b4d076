/** Convolution (cross-correlation) in one to three dimensions: as sums and as products of matrices. */

import { sizeOf } from "../../../ir/index.ts";
import {
  add,
  at,
  bracket,
  compare,
  type Equation,
  type Expression,
  equation,
  group,
  type Index,
  kronecker,
  type MathSymbol,
  matmul,
  number,
  ones,
  partial,
  position,
  primitive,
  reshape,
  subtract,
  sum,
  symbol,
  times,
  transpose,
} from "../../math/index.ts";
import { words } from "../../words.ts";
import { type Line, line } from "../derivation.ts";
import {
  biasMeaning,
  chainSteps,
  gradientLine,
  layerSymbol,
  type Operation,
  offset,
  parameterSymbol,
  type Site,
  sampleIndex,
} from "../site.ts";
import {
  isDense,
  isPadded,
  isUnitStride,
  placeFor,
  reached,
  reachesCell,
  tapFor,
  type Window,
  windowOf,
} from "./window.ts";

const outsideIsZero = words(
  "elements at positions outside of the array count as 0",
  "下标越界的元素视为 0",
);

/** Everything that the equations of one convolution mention. */
interface Parts {
  readonly site: Site;
  readonly window: Window;
  readonly W: MathSymbol;
  readonly b: MathSymbol | undefined;
  readonly n: readonly Index[];
  /** Channels of the result, and of the kernel. */
  readonly k: Index;
  readonly c: Index;
  readonly groups: number;
}

/** The channel that input channel c of the kernel for result k reads: c, or with groups c + (C/G)⌊k/(K/G)⌋. */
function channelOf({ groups, k, c }: Parts, result: Index = k): Expression {
  if (groups === 1) return position(c);
  const of = primitive("floor", {
    type: "fraction",
    top: position(result),
    bottom: number(k.size / groups),
  });
  return add(position(c), times(c.size, of));
}

const outsideOf = (window: Window) => (isPadded(window) ? 0 : undefined);

function patch(parts: Parts, result?: Index): Expression {
  const { site, window, n } = parts;
  return at(site.input, [...n, ...reached(window), channelOf(parts, result)], outsideOf(window));
}

export function convolution(site: Site): Operation | undefined {
  const weight = site.parameters.get("weight");
  if (weight === undefined) return undefined;
  const kernel = weight.shape.slice(0, -2);
  const [channels, results] = weight.shape.slice(-2);
  const inputChannels = site.inputShape[site.inputShape.length - 1];
  const groups = inputChannels / channels;
  const window = windowOf(site, kernel);
  if (window === undefined || site.outputShape.at(-1) !== results || !Number.isInteger(groups)) {
    return undefined;
  }
  const W = parameterSymbol(site, "weight", "W", words("kernels", "卷积核"));
  const b = site.parameters.has("bias")
    ? parameterSymbol(site, "bias", "b", biasMeaning)
    : undefined;
  const parts: Parts = {
    site,
    window,
    W,
    b,
    groups,
    n: sampleIndex(site),
    k: offset("k", results),
    c: offset("c", channels),
  };
  const { n, k, c } = parts;
  const { places, taps } = window;
  const delta = site.error;
  const matrices = groups === 1 ? matrixForm(parts) : undefined;
  const other = { ...k, name: "k′" };
  return {
    title: words(`${kernel.join("×")} convolution`, `${kernel.join("×")} 卷积`),
    parameters: [{ path: W.key, symbol: W }, ...(b ? [{ path: b.key, symbol: b }] : [])],
    quantities: [],
    forward: [
      line(
        equation(
          site.output,
          [...n, ...places, k],
          add(
            sum([...taps, c], times(at(W, [...taps, c, k]), patch(parts))),
            ...(b ? [at(b, [k])] : []),
          ),
        ),
        "forward",
        matrices?.forward ?? [],
        isPadded(window) ? outsideIsZero : undefined,
      ),
    ],
    inputGradient: inputGradientOf(parts, matrices),
    parameterGradients: [
      gradientLine(
        site,
        W,
        [...taps, c, k],
        {
          element: sum([...n, ...places], times(at(delta, [...n, ...places, k]), patch(parts))),
          rule: "chainRule",
        },
        [
          ...chainSteps(site, [...n, ...places, other], W, [...taps, c, k], {
            value: times(kronecker(other, k), patch(parts)),
            rule: "linearForm",
          }),
          ...(matrices?.weight ?? []),
        ],
      ),
      ...(b
        ? [
            gradientLine(
              site,
              b,
              [k],
              {
                element: sum([...n, ...places], at(delta, [...n, ...places, k])),
                rule: "chainRule",
              },
              chainSteps(site, [...n, ...places, other], b, [k], {
                value: kronecker(other, k),
                rule: "linearForm",
              }),
            ),
          ]
        : []),
    ],
  };
}

/** ∂C/∂a: each cell collects from every window that reached it. */
function inputGradientOf(parts: Parts, matrices: MatrixForm | undefined) {
  const { site, window, W, n, k, c, groups } = parts;
  const { places, taps, cells } = window;
  const delta = site.error;
  const channel = offset(groups === 1 ? "c" : "a", site.inputShape.at(-1)!);
  // Which channel of the kernel meets this channel of the input, and whether any does.
  const perGroup = number(c.size);
  const inGroup =
    groups === 1
      ? position(channel)
      : subtract(
          position(channel),
          times(
            c.size,
            primitive("floor", { type: "fraction", top: position(channel), bottom: perGroup }),
          ),
        );
  const isMine =
    groups === 1
      ? []
      : [
          bracket(
            compare(
              primitive("floor", { type: "fraction", top: position(channel), bottom: perGroup }),
              "=",
              primitive("floor", {
                type: "fraction",
                top: position(k),
                bottom: number(k.size / groups),
              }),
            ),
          ),
        ];
  const element = isUnitStride(window)
    ? sum(
        [k, ...taps],
        times(
          ...isMine,
          at(W, [...taps, inGroup, k]),
          at(delta, [...n, ...placeFor(window), k], 0),
        ),
      )
    : isDense(window)
      ? sum(
          [k, ...places],
          times(
            ...isMine,
            at(W, [...tapFor(window), inGroup, k], 0),
            at(delta, [...n, ...places, k]),
          ),
        )
      : sum(
          [k, ...places, ...taps],
          times(
            ...isMine,
            bracket(reachesCell(window)),
            at(W, [...taps, inGroup, k]),
            at(delta, [...n, ...places, k]),
          ),
        );
  const m = n.map((index) => ({ ...index, name: "m" }));
  const jacobian = isDense(window)
    ? at(W, [...tapFor(window), inGroup, k], 0)
    : sum(taps, times(bracket(reachesCell(window)), at(W, [...taps, inGroup, k])));
  return {
    indices: [...n, ...cells, channel],
    element,
    rule: "chainRule" as const,
    steps: [
      ...chainSteps(site, [...m, ...places, k], site.input, [...n, ...cells, channel], {
        value: times(...m.map((index, axis) => kronecker(index, n[axis])), ...isMine, jacobian),
        rule: "linearForm",
      }),
      ...(matrices?.input(channel) ?? []),
    ],
    before: [],
  };
}

interface MatrixForm {
  readonly forward: readonly Line[];
  readonly weight: readonly Line[];
  readonly input: (channel: Index) => readonly Line[];
}

/** im2col: every patch a row, so that a convolution is one product Ã W̃. */
function matrixForm(parts: Parts): MatrixForm {
  const { site, window, W, b, n, k, c } = parts;
  const { places, taps } = window;
  const columns = sizeOf([...window.kernel, c.size]);
  const rows = sizeOf([...n, ...places].map(({ size }) => size));
  const tilde = (name: string, letter: string, shape: readonly number[], en: string, zh: string) =>
    layerSymbol(site, `${name}.im2col`, letter, shape, words(en, zh), { accent: "tilde" });
  const patches = tilde("patches", "A", [rows, columns], "patches as rows", "按行排列的图像块");
  const kernels = tilde(
    "kernels",
    "W",
    [columns, k.size],
    "kernels as columns",
    "按列排列的卷积核",
  );
  const error = tilde("error", "Δ", [rows, k.size], "error as a matrix", "矩阵形式的误差");
  const slope = partial(site.loss, patches);
  const row = group(...n, ...places);
  const patchLine = line(
    {
      left: at(patches, [row, group(...taps, c)]) as Equation["left"],
      indices: [...n, ...places, ...taps, c],
      right: patch(parts),
    },
    "im2col",
  );
  const kernelLine = line(equation(kernels, [], reshape(symbol(W), kernels.shape)), "reshaping");
  const errorLine = line(
    equation(error, [], reshape(symbol(site.error), error.shape)),
    "reshaping",
  );
  const product = matmul(symbol(patches), symbol(kernels));
  const biased = add(product, ...(b ? [matmul(ones(rows), transpose(symbol(b)))] : []));
  return {
    forward: [
      patchLine,
      kernelLine,
      line(equation(site.output, [], reshape(biased, site.output.shape)), "matrixForm"),
    ],
    weight: [
      patchLine,
      errorLine,
      line(
        equation(
          partial(site.loss, W),
          [],
          reshape(matmul(transpose(symbol(patches)), symbol(error)), W.shape),
        ),
        "matrixForm",
      ),
    ],
    input: (channel) => [
      errorLine,
      kernelLine,
      line(equation(slope, [], matmul(symbol(error), transpose(symbol(kernels)))), "matrixForm"),
      line(
        equation(
          partial(site.loss, site.input),
          [...n, ...window.cells, channel],
          sum(
            [...places, ...taps],
            times(bracket(reachesCell(window)), at(slope, [row, group(...taps, channel)])),
          ),
        ),
        "col2im",
      ),
    ],
  };
}
