/** Average pooling: means over windows, and over whole images. */

import {
  at,
  bracket,
  type Expression,
  equation,
  fraction,
  kronecker,
  sum,
  times,
} from "../../math/index.ts";
import { words } from "../../words.ts";
import { line } from "../derivation.ts";
import { chainSteps, type Operation, offset, type Site, sampleIndex } from "../site.ts";
import {
  channelsOf,
  isAligned,
  isPadded,
  isUnitStride,
  kernelOf,
  leavesCells,
  placeFor,
  reached,
  reachesCell,
  type Window,
  windowOf,
  windowsOf,
} from "./window.ts";

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
        ? times(
            share,
            at(site.error, [...n, ...windowsOf(window), c], leavesCells(window) ? 0 : undefined),
          )
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
