/** Pooling: averages and maxima over windows, and over whole images. */

import {
  at,
  bracket,
  compare,
  type Expression,
  equation,
  fraction,
  kronecker,
  maximum,
  number,
  sum,
  times,
} from "../../math/index.ts";
import { words } from "../../words.ts";
import { line } from "../derivation.ts";
import { chainSteps, type Operation, offset, type Site, sampleIndex } from "../site.ts";
import {
  isPadded,
  isUnitStride,
  placeFor,
  reached,
  reachesCell,
  type Window,
  windowOf,
} from "./window.ts";

function kernelOf(site: Site): readonly number[] {
  const rank = site.inputShape.length - 1;
  const { options } = site;
  const given = options.kernel ?? options.kernelSize ?? options.size ?? options.window;
  if (typeof given === "number") return new Array<number>(rank).fill(given);
  if (Array.isArray(given)) return given as number[];
  return site.inputShape.slice(0, -1);
}

const channelsOf = ({ inputShape }: Site) => inputShape[inputShape.length - 1];

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

/** a_{c,p,q} = 1/(k·k) Σ_{u,v} a_{c, s p + u, s q + v} */
export function averagePooling(site: Site): Operation | undefined {
  const window = windowOf(site, kernelOf(site));
  if (window === undefined) return undefined;
  const { places, taps, cells } = window;
  const n = sampleIndex(site);
  const c = offset("c", channelsOf(site));
  // Windows that count what they cover differ at the border: their graph speaks for them.
  if (site.options.countPadding === false && isPadded(window)) return undefined;
  const share = fraction(1, product(window.kernel));
  const outside = isPadded(window) ? 0 : undefined;
  const element = isUnitStride(window)
    ? times(share, sum(taps, at(site.error, [...n, ...placeFor(window), c], 0)))
    : times(
        share,
        collected(window, (given) =>
          sum([...places, ...taps], times(given, at(site.error, [...n, ...places, c]))),
        ),
      );
  const m = n.map((index) => ({ ...index, name: "m" }));
  const e = { ...c, name: "e" };
  return {
    title: words(
      `average pooling ${window.kernel.join("×")}`,
      `${window.kernel.join("×")} 平均池化`,
    ),
    parameters: [],
    quantities: [],
    forward: [
      line(
        equation(
          site.output,
          [...n, ...places, c],
          times(share, sum(taps, at(site.input, [...n, ...reached(window), c], outside))),
        ),
        "forward",
      ),
    ],
    inputGradient: {
      indices: [...n, ...cells, c],
      element: isAligned(window)
        ? times(share, at(site.error, [...n, ...windowsOf(window), c], outsideOfTiles(window)))
        : element,
      rule: "averaging",
      steps: [
        ...chainSteps(site, [...m, ...places, e], site.input, [...n, ...cells, c], {
          value: times(
            ...m.map((index, axis) => kronecker(index, n[axis])),
            kronecker(e, c),
            share,
            sum(taps, bracket(reachesCell(window))),
          ),
          rule: "averaging",
        }),
      ],
      before: [],
    },
    parameterGradients: [],
  };
}

const collected = (window: Window, make: (given: Expression) => Expression): Expression =>
  make(bracket(reachesCell(window)));

/** Whether windows tile the input without overlap, so that each cell belongs to one. */
const isAligned = ({ stride, kernel, padding, dilation }: Window): boolean =>
  kernel.every(
    (size, axis) => stride[axis] === size && padding[axis] === 0 && dilation[axis] === 1,
  );

/** ⌊h / s⌋, or h / 1. */
function windowsOf({ cells, stride }: Window): Expression[] {
  return cells.map((cell, axis) => ({
    type: "primitive",
    name: "floor",
    arguments: [fraction({ type: "index", index: cell }, stride[axis])],
  }));
}

/** Cells after the last window belong to none. */
const outsideOfTiles = ({ cells, places, kernel }: Window): number | undefined =>
  cells.some(({ size }, axis) => size !== places[axis].size * kernel[axis]) ? 0 : undefined;

/** a_{c,p,q} = max_{u,v} a_{c, s p + u, s q + v} */
export function maxPooling(site: Site): Operation | undefined {
  const window = windowOf(site, kernelOf(site));
  if (window === undefined) return undefined;
  const { places, taps, cells } = window;
  const n = sampleIndex(site);
  const c = offset("c", channelsOf(site));
  const outside = isPadded(window) ? Number.NEGATIVE_INFINITY : undefined;
  const seen = at(site.input, [...n, ...reached(window), c], outside);
  const largest = at(site.output, [...n, ...places, c]);
  const mine = at(site.input, [...n, ...cells, c]);
  const m = n.map((index) => ({ ...index, name: "m" }));
  const e = { ...c, name: "e" };
  // Equal largest elements share the error, as the graph's rule for maxima says.
  const ties = sum(taps, bracket(compare(seen, "=", largest)));
  const share = (condition: Expression) => fraction(condition, ties);
  const wins = bracket(compare(mine, "=", largest));
  const tileError = at(site.error, [...n, ...windowsOf(window), c], outsideOfTiles(window));
  const isTiled = isAligned(window) && outsideOfTiles(window) === undefined;
  const tileLargest = at(site.output, [...n, ...windowsOf(window), c]);
  return {
    title: words(`max pooling ${window.kernel.join("×")}`, `${window.kernel.join("×")} 最大池化`),
    parameters: [],
    quantities: [],
    forward: [line(equation(site.output, [...n, ...places, c], maximum(taps, seen)), "forward")],
    inputGradient: {
      indices: [...n, ...cells, c],
      element: isTiled
        ? times(
            bracket(compare(mine, "=", tileLargest)),
            fraction(tileError, tiesOfTile(site, window)),
          )
        : sum(
            [...places, ...taps],
            times(
              bracket(reachesCell(window)),
              wins,
              fraction(at(site.error, [...n, ...places, c]), tiesAgain(site, window)),
            ),
          ),
      rule: "routing",
      steps: chainSteps(site, [...m, ...places, e], site.input, [...n, ...cells, c], {
        value: times(
          ...m.map((index, axis) => kronecker(index, n[axis])),
          kronecker(e, c),
          sum(taps, bracket(reachesCell(window))),
          wins,
          share(number(1)),
        ),
        rule: "routing",
      }),
      before: [],
    },
    parameterGradients: [],
  };

  /** The number of largest elements, with fresh indices inside another sum over taps. */
  function tiesAgain(where: Site, { kernel, stride, dilation, padding }: Window): Expression {
    const inner = taps.map((tap) => ({ ...tap, name: `${tap.name}′` }));
    const again = { ...window!, kernel, stride, dilation, padding, taps: inner };
    const other = at(where.input, [...n, ...reached(again), c], outside);
    return sum(inner, bracket(compare(other, "=", largest)));
  }

  function tiesOfTile(where: Site, tiles: Window): Expression {
    const corner = windowsOf(tiles).map(
      (place, axis) =>
        ({
          type: "add",
          terms: [times(tiles.stride[axis], place), { type: "index", index: taps[axis] }],
        }) as Expression,
    );
    const other = at(where.input, [...n, ...corner, c]);
    return sum(taps, bracket(compare(other, "=", tileLargest)));
  }
}

/** The mean of each channel over all positions; the result is [channels]. */
export function globalAveragePooling(site: Site): Operation | undefined {
  if (site.outputShape.length !== 1 || channelsOf(site) !== site.outputShape[0]) return undefined;
  const cells = site.inputShape
    .slice(0, -1)
    .map((size, axis) => offset(["h", "w", "d"][axis], size));
  const n = sampleIndex(site);
  const c = offset("c", channelsOf(site));
  const share = fraction(1, product(site.inputShape.slice(0, -1)));
  const m = n.map((index) => ({ ...index, name: "m" }));
  const e = { ...c, name: "e" };
  return {
    title: words("global average pooling", "全局平均池化"),
    parameters: [],
    quantities: [],
    forward: [
      line(
        equation(
          site.output,
          [...n, c],
          times(share, sum(cells, at(site.input, [...n, ...cells, c]))),
        ),
        "forward",
      ),
    ],
    inputGradient: {
      indices: [...n, ...cells, c],
      element: times(share, at(site.error, [...n, c])),
      rule: "averaging",
      steps: chainSteps(site, [...m, e], site.input, [...n, ...cells, c], {
        value: times(...m.map((index, axis) => kronecker(index, n[axis])), kronecker(e, c), share),
        rule: "averaging",
      }),
      before: [],
    },
    parameterGradients: [],
  };
}
