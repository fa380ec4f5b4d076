/** Max pooling: the largest element of each window, and of whole images; the first of equal ones takes the error. */

import { stridesOf } from "../../../ir/index.ts";
import {
  at,
  bracket,
  compare,
  type Expression,
  equation,
  grouped,
  type Index,
  kronecker,
  maximum,
  minimum,
  position,
  sum,
  times,
} from "../../math/index.ts";
import { type Words, words } from "../../words.ts";
import { line } from "../derivation.ts";
import {
  chainSteps,
  layerSymbol,
  type Operation,
  offset,
  type Site,
  sampleIndex,
} from "../site.ts";
import {
  channelsOf,
  isAligned,
  isPadded,
  kernelOf,
  leavesCells,
  reached,
  windowOf,
  windowsOf,
} from "./window.ts";

/** Which cells of each channel are compared. */
interface Contest {
  readonly title: Words;
  /** Positions of the result. */
  readonly places: readonly Index[];
  /** Positions within a window. */
  readonly taps: readonly Index[];
  /** Positions of the input. */
  readonly cells: readonly Index[];
  /** The cell at each tap of the window at each place. */
  readonly reached: readonly Expression[];
  readonly isPadded: boolean;
  /** The place of the only window over each cell, and whether some cells have none. */
  readonly owner?: { readonly place: readonly Expression[]; readonly isPartial: boolean };
}

/** a_{p,q,c} = max_{u,v} a_{s p + u, s q + v, c} */
export function maxPooling(site: Site): Operation | undefined {
  const window = windowOf(site, kernelOf(site));
  if (window === undefined) return undefined;
  const { kernel } = window;
  return largest(site, {
    ...window,
    title: words(`max pooling ${kernel.join("×")}`, `${kernel.join("×")} 最大池化`),
    reached: reached(window),
    isPadded: isPadded(window),
    ...(isAligned(window) && {
      owner: { place: windowsOf(window), isPartial: leavesCells(window) },
    }),
  });
}

/** a_c = max_{h,w} a_{h,w,c} */
export function globalMaxPooling(site: Site): Operation | undefined {
  const sizes = site.inputShape.slice(0, -1);
  if (sizes.length < 1 || sizes.length > 3) return undefined;
  const cells = sizes.map((size, axis) => offset(["h", "w", "d"][axis], size));
  return largest(site, {
    title: words("global max pooling", "全局最大池化"),
    places: [],
    taps: cells,
    cells,
    reached: cells.map(position),
    isPadded: false,
    owner: { place: [], isPartial: false },
  });
}

const paddingNote = words("elements outside of the input are −∞", "输入之外的元素视为 −∞");

/** With ξ_{p,q,c} the first cell that is as large as its window's largest:
 *
 *   ∂C/∂a_{h,w,c} = Σ_{p,q} [(h,w) = ξ_{p,q,c}] δ_{p,q,c} */
function largest(site: Site, contest: Contest): Operation {
  const { title, places, taps, cells, owner } = contest;
  const n = sampleIndex(site);
  const c = offset("c", channelsOf(site));
  const kept = [...n, ...places, c];
  const all = [...n, ...cells, c];
  const sizes = cells.map(({ size }) => size);
  const first = layerSymbol(site, "first", "ξ", site.output.shape, meaningOf(cells));
  const seen = [...n, ...contest.reached, c];
  // Padding is −∞ to the maximum, and never the first: it has no place in the input.
  const [least, none] = contest.isPadded ? [Number.NEGATIVE_INFINITY, Number.NaN] : [];
  const isLargest = compare(at(site.input, seen, none), "=", at(site.output, kept));
  const isFirst = (place: readonly (Expression | Index)[], outside?: number) =>
    bracket(compare(grouped(cells.map(position), sizes), "=", at(first, place, outside)));
  const forward = line(
    equation(site.output, kept, maximum(taps, at(site.input, seen, least))),
    "forward",
  );
  const m = n.map((index) => ({ ...index, name: "m" }));
  const e = { ...c, name: "e" };
  const own = owner && [...n, ...owner.place, c];
  const element =
    own === undefined
      ? sum(places, times(isFirst(kept), at(site.error, kept)))
      : times(
          isFirst(own, owner?.isPartial ? -1 : undefined),
          at(site.error, own, owner?.isPartial ? 0 : undefined),
        );
  return {
    title,
    parameters: [],
    quantities: site.needsInputGradient ? [first] : [],
    forward: [{ ...forward, ...(contest.isPadded && { note: paddingNote }) }],
    inputGradient: {
      indices: all,
      element,
      rule: "routing",
      steps: chainSteps(site, [...m, ...places, e], site.input, all, {
        value: times(
          ...m.map((index, axis) => kronecker(index, n[axis])),
          kronecker(e, c),
          isFirst(kept),
        ),
        rule: "routing",
      }),
      before: [
        line(
          equation(first, kept, minimum(taps, grouped(contest.reached, sizes), isLargest)),
          "firstLargest",
        ),
      ],
    },
    parameterGradients: [],
  };
}

/** What ξ stands for, and as which number it is printed. */
function meaningOf(cells: readonly Index[]): Words {
  const names = cells.map(({ name }) => name);
  const strides = stridesOf(cells.map(({ size }) => size));
  const number = names.map((name, axis) => `${strides[axis] === 1 ? "" : strides[axis]}${name}`);
  const [place, as] =
    names.length === 1 ? [names[0]] : [`(${names.join(",")})`, number.join(" + ")];
  return words(
    `place ${place} of each window's first maximum${as ? `, as ${as}` : ""}`,
    `每个窗口中第一个最大值的位置 ${place}${as ? `，记作 ${as}` : ""}`,
  );
}
