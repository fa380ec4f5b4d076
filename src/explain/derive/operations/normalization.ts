/** Normalization: over the batch (and positions), or over the elements of each sample. */

import { sizeOf } from "../../../ir/index.ts";
import {
  add,
  at,
  type Expression,
  equation,
  fraction,
  type Index,
  type MathSymbol,
  number,
  partial,
  power,
  primitive,
  subtract,
  sum,
  times,
} from "../../math/index.ts";
import { type Words, words } from "../../words.ts";
import { type Line, line } from "../derivation.ts";
import {
  gradientLine,
  type InputGradient,
  layerSymbol,
  type Operation,
  offset,
  parameterSymbol,
  type Site,
  sampleIndex,
  unit,
} from "../site.ts";
import { elementIndices } from "./structure.ts";

const firstNamed = (site: Site, ...names: readonly string[]) =>
  names.find((name) => site.parameters.has(name));

/** Which indices share one mean, and which parameter belongs to an element. */
interface Grouping {
  readonly title: Words;
  /** All indices of the input, the sample first. */
  readonly all: readonly Index[];
  /** Those that statistics keep. */
  readonly kept: readonly Index[];
  /** Those that statistics run over. */
  readonly pooled: readonly Index[];
  /** Those of γ and β. */
  readonly scaled: readonly Index[];
}

/** Mean and variance of each channel (the last axis of a sample) over the batch and all positions.
 * Outside of training the running statistics are constants, and the layer is affine. */
export function batchNormalization(site: Site): Operation | undefined {
  const n = sampleIndex(site);
  const elements = elementIndices(site.inputShape, [
    ...["h", "w", "d"].slice(0, site.inputShape.length - 1),
    "c",
  ]);
  const channel = elements[elements.length - 1];
  const positions = elements.slice(0, -1);
  const all = [...n, ...elements];
  const grouping: Grouping = {
    title: words("batch normalization", "批归一化"),
    all,
    kept: [channel],
    pooled: [...n, ...positions],
    scaled: [channel],
  };
  if (!site.training) return runningNormalization(site, grouping);
  return grouping.pooled.length === 0 ? undefined : normalization(site, grouping);
}

/** Mean and variance of each sample over its (last) axes. */
export function layerNormalization(site: Site): Operation | undefined {
  const name = firstNamed(site, "weight", "gamma", "scale");
  const shape = name ? site.parameters.get(name)!.shape : site.inputShape;
  const elements =
    site.inputShape.length === 1
      ? [unit("i", site.inputShape[0])]
      : site.inputShape.map((size, axis) => offset(["t", "i", "h", "w"][axis], size));
  const covered = elements.slice(elements.length - shape.length);
  if (covered.map(({ size }) => size).join() !== shape.join()) return undefined;
  const n = sampleIndex(site);
  return normalization(site, {
    title: words("layer normalization", "层归一化"),
    all: [...n, ...elements],
    kept: [...n, ...elements.slice(0, elements.length - shape.length)],
    pooled: covered,
    scaled: covered,
  });
}

const sizes = (indices: readonly Index[]) => indices.map(({ size }) => size);
const epsilonOf = ({ options }: Site) =>
  typeof options.epsilon === "number"
    ? options.epsilon
    : typeof options.eps === "number"
      ? options.eps
      : 1e-5;

function affine(site: Site) {
  const gammaName = firstNamed(site, "weight", "gamma", "scale");
  const betaName = firstNamed(site, "bias", "beta", "shift");
  const gamma = gammaName && parameterSymbol(site, gammaName, "γ", words("scale", "缩放"));
  const beta = betaName && parameterSymbol(site, betaName, "β", words("shift", "平移"));
  return { gamma: gamma || undefined, beta: beta || undefined };
}

function affineGradients(site: Site, { all, scaled }: Grouping, normalized: MathSymbol): Line[] {
  const { gamma, beta } = affine(site);
  const rest = all.filter((index) => !scaled.includes(index));
  const delta = at(site.error, all);
  const lines: Line[] = [];
  if (gamma) {
    const element = sum(rest, times(delta, at(normalized, all)));
    lines.push(gradientLine(site, gamma, scaled, { element, rule: "chainRule" }, []));
  }
  if (beta) {
    lines.push(
      gradientLine(site, beta, scaled, { element: sum(rest, delta), rule: "chainRule" }, []),
    );
  }
  return lines;
}

function parametersOf(site: Site) {
  const { gamma, beta } = affine(site);
  return [gamma, beta].flatMap((s) => (s ? [{ path: s.key, symbol: s }] : []));
}

function scaledBack(site: Site, { all, scaled }: Grouping, normalized: MathSymbol): Line {
  const { gamma, beta } = affine(site);
  return line(
    equation(
      site.output,
      all,
      add(
        times(...(gamma ? [at(gamma, scaled)] : []), at(normalized, all)),
        ...(beta ? [at(beta, scaled)] : []),
      ),
    ),
    "forward",
  );
}

function normalization(site: Site, grouping: Grouping): Operation {
  const { title, all, kept, pooled, scaled } = grouping;
  const { gamma } = affine(site);
  const count = sizeOf(sizes(pooled));
  const mean = layerSymbol(site, "mean", "μ", sizes(kept), words("mean", "均值"));
  const variance = layerSymbol(site, "variance", "v", sizes(kept), words("variance", "方差"));
  const normalized = layerSymbol(
    site,
    "normalized",
    site.input.letter.toLowerCase() === "x" ? "x" : "a",
    site.input.shape,
    words("normalized input", "归一化后的输入"),
    { accent: "hat" },
  );
  const x = at(site.input, all);
  const spread = primitive("sqrt", add(at(variance, kept), epsilonOf(site)));
  const deviation = subtract(x, at(mean, kept));
  const slope = partial(site.loss, normalized);
  const slopeLine = line(
    equation(slope, all, times(at(site.error, all), ...(gamma ? [at(gamma, scaled)] : []))),
    "chainRule",
  );
  // Fresh names for the sums inside, so that they do not catch the indices outside.
  const inner = new Map(pooled.map((index) => [index, { ...index, name: `${index.name}′` }]));
  const renamed = all.map((index) => inner.get(index) ?? index);
  const over = [...inner.values()];
  const innerSlope = at(slope, renamed);
  const innerNormalized = at(normalized, renamed);
  const g = at(slope, all);
  const element = times(
    fraction(1, times(number(count), spread)),
    add(
      times(count, g),
      { type: "negative", of: sum(over, innerSlope) },
      {
        type: "negative",
        of: times(at(normalized, all), sum(over, times(innerSlope, innerNormalized))),
      },
    ),
  );
  return {
    title,
    parameters: parametersOf(site),
    quantities: [mean, variance, normalized],
    forward: [
      line(equation(mean, kept, times(fraction(1, count), sum(pooled, x))), "forward"),
      line(
        equation(variance, kept, times(fraction(1, count), sum(pooled, power(deviation, 2)))),
        "forward",
      ),
      line(equation(normalized, all, fraction(deviation, spread)), "forward"),
      scaledBack(site, grouping, normalized),
    ],
    inputGradient: {
      indices: all,
      element,
      rule: "statistics",
      steps: statisticsSteps({ site, grouping, mean, variance, normalized, slope, count, spread }),
      before: [slopeLine],
    },
    parameterGradients: affineGradients(site, grouping, normalized),
  };
}

interface Statistics {
  readonly site: Site;
  readonly grouping: Grouping;
  readonly mean: MathSymbol;
  readonly variance: MathSymbol;
  readonly normalized: MathSymbol;
  readonly slope: Expression & { type: "partial" };
  readonly count: number;
  readonly spread: Expression;
}

/** The three paths from x to the loss: by x̂ itself, by the variance, by the mean. */
function statisticsSteps(parts: Statistics): Line[] {
  const { site, grouping, mean, variance, normalized, slope, count, spread } = parts;
  const { all, kept, pooled } = grouping;
  const byVariance = partial(site.loss, variance);
  const byMean = partial(site.loss, mean);
  const deviation = subtract(at(site.input, all), at(mean, kept));
  const shifted = add(at(variance, kept), epsilonOf(site));
  return [
    line(
      equation(
        byVariance,
        kept,
        times(
          { type: "negative", of: fraction(1, 2) },
          power(shifted, number(-1.5)),
          sum(pooled, times(at(slope, all), deviation)),
        ),
      ),
      "powerRule",
    ),
    line(
      equation(
        byMean,
        kept,
        times({ type: "negative", of: fraction(1, spread) }, sum(pooled, at(slope, all))),
      ),
      "chainRule",
      [],
      words(
        "the path over the variance adds nothing: the deviations sum to zero",
        "经由方差的路径贡献为零：离差之和为零",
      ),
    ),
    line(
      equation(
        partial(site.loss, site.input),
        all,
        add(
          fraction(at(slope, all), spread),
          times(at(byVariance, kept), fraction(times(2, deviation), count)),
          fraction(at(byMean, kept), count),
        ),
      ),
      "sumRule",
    ),
    line(equation(normalized, all, fraction(deviation, spread)), "definition"),
  ];
}

/** With constant statistics: z = γ (a − μ)/√(v + ε) + β. */
function runningNormalization(site: Site, grouping: Grouping): Operation | undefined {
  const { title, all, kept, scaled } = grouping;
  const meanName = firstNamed(site, "runningMean", "mean", "movingMean");
  const varianceName = firstNamed(
    site,
    "runningVariance",
    "variance",
    "runningVar",
    "movingVariance",
  );
  if (meanName === undefined || varianceName === undefined) return undefined;
  const mean = parameterSymbol(site, meanName, "μ", words("running mean", "滑动均值"));
  const variance = parameterSymbol(site, varianceName, "v", words("running variance", "滑动方差"));
  const { gamma } = affine(site);
  const normalized = layerSymbol(
    site,
    "normalized",
    "a",
    site.input.shape,
    words("normalized input", "归一化后的输入"),
    { accent: "hat" },
  );
  const spread = primitive("sqrt", add(at(variance, kept), epsilonOf(site)));
  const inputGradient: InputGradient = {
    indices: all,
    element: times(at(site.error, all), fraction(gamma ? at(gamma, scaled) : number(1), spread)),
    rule: "linearForm",
    steps: [],
    before: [],
  };
  return {
    title,
    parameters: parametersOf(site),
    quantities: [mean, variance, normalized],
    forward: [
      line(
        equation(normalized, all, fraction(subtract(at(site.input, all), at(mean, kept)), spread)),
        "forward",
      ),
      scaledBack(site, grouping, normalized),
    ],
    inputGradient,
    parameterGradients: affineGradients(site, grouping, normalized),
  };
}
