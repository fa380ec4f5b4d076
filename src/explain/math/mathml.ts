/** Mathematics as presentation MathML, which browsers show without a script or a network. */

import { escapeMarkup } from "../../figures/index.ts";
import { english, type Format } from "./format.ts";
import { formatForReading } from "./latex.ts";

/** Bold italic letters of Unicode: browsers do not follow mathvariant="bold-italic" any more. */
function bold(name: string): string {
  if (name === "1") return "𝟏";
  const code = name.codePointAt(0)!;
  const shift = (first: string, start: number) =>
    String.fromCodePoint(start + code - first.codePointAt(0)!);
  if ([...name].length > 1) return name;
  if (name >= "A" && name <= "Z") return shift("A", 0x1d468);
  if (name >= "a" && name <= "z") return shift("a", 0x1d482);
  if (name >= "Α" && name <= "Ω") return shift("Α", 0x1d71c);
  if (name >= "α" && name <= "ω") return shift("α", 0x1d736);
  return name;
}

const accents = { hat: "^", tilde: "~", bar: "¯" } as const;

const fences = {
  round: ["(", ")"],
  square: ["[", "]"],
  curly: ["{", "}"],
  bars: ["|", "|"],
  norm: ["‖", "‖"],
  floor: ["⌊", "⌋"],
  ceil: ["⌈", "⌉"],
} as const;

const row = (parts: readonly string[]): string =>
  parts.length === 1 ? parts[0] : `<mrow>${parts.join("")}</mrow>`;

const identifier = (name: string): string =>
  [...name].length > 1
    ? `<mi mathvariant="normal">${escapeMarkup(name)}</mi>`
    : `<mi>${escapeMarkup(name)}</mi>`;

const fence = (sign: string, form: "prefix" | "postfix") =>
  `<mo form="${form}" stretchy="true" fence="true" lspace="0" rspace="0">${sign}</mo>`;

export const mathml: Format = {
  hasInlineFractions: false,
  hasPowersOfE: true,
  number: (value) => {
    if (!Number.isFinite(value))
      return value < 0 ? "<mo>−</mo><mn>∞</mn>" : `<mn>${value > 0 ? "∞" : "NaN"}</mn>`;
    const { mantissa, exponent } = formatForReading(value);
    const digits = mantissa.replace("-", "");
    const sign = mantissa.startsWith("-") ? '<mo form="prefix">−</mo>' : "";
    if (exponent === undefined) return `${sign}<mn>${digits}</mn>`;
    const power = `<msup><mn>10</mn><mn>${String(exponent).replace("-", "−")}</mn></msup>`;
    return `<mrow>${sign}<mn>${digits}</mn><mo>·</mo>${power}</mrow>`;
  },
  letter: (name, { isBold, accent }) => {
    const isPlain = name === "∂" || name === "1";
    const text = isBold ? bold(name) : name;
    const base = isPlain
      ? `<mi mathvariant="normal">${text}</mi>`
      : isBold && [...name].length === 1
        ? `<mi>${text}</mi>`
        : identifier(text);
    if (accent === undefined) return base;
    if (accent === "prime") return `<msup>${base}<mo>′</mo></msup>`;
    return `<mover accent="true">${base}<mo stretchy="false">${accents[accent]}</mo></mover>`;
  },
  variable: (name) => {
    const [base, ...primes] = name.split("′");
    return primes.length === 0
      ? identifier(base)
      : `<msup>${identifier(base)}<mo>${"′".repeat(primes.length)}</mo></msup>`;
  },
  functionName: (name) =>
    [...name].length > 1
      ? `<mi mathvariant="normal">${escapeMarkup(name)}</mi>`
      : `<mi>${name}</mi>`,
  words: (text) => `<mtext>${escapeMarkup(text)}</mtext>`,
  // A colon would stand as close as in a ratio.
  operator: (sign) =>
    `<mo${sign === ":" ? ' lspace="0.28em" rspace="0.28em"' : ""}>${escapeMarkup(sign)}</mo>`,
  minus: () => '<mo form="prefix">−</mo>',
  prime: () => "<mo>′</mo>",
  transposed: () => '<mi mathvariant="normal">T</mi>',
  layer: (name) =>
    `<mrow><mo stretchy="false" lspace="0" rspace="0">(</mo><mtext>${escapeMarkup(name)}</mtext><mo stretchy="false" lspace="0" rspace="0">)</mo></mrow>`,
  comma: () => '<mo separator="true" lspace="0" rspace="0.1em">,</mo>',
  separator: () => '<mo separator="true" lspace="0" rspace="0.25em">,</mo>',
  slash: () => '<mo lspace="0" rspace="0">/</mo>',
  row,
  product: (parts) =>
    row(parts.flatMap((part, i) => (i > 0 ? ['<mspace width="0.167em"/>', part] : [part]))),
  scripts: (base, below, above) => {
    if (below !== undefined && above !== undefined) {
      return `<msubsup>${base}${below}${above}</msubsup>`;
    }
    if (below !== undefined) return `<msub>${base}${below}</msub>`;
    return above === undefined ? base : `<msup>${base}${above}</msup>`;
  },
  fraction: (top, bottom) => `<mfrac><mrow>${top}</mrow><mrow>${bottom}</mrow></mfrac>`,
  root: (of) => `<msqrt>${of}</msqrt>`,
  brackets: (inner, kind) =>
    `<mrow>${fence(fences[kind][0], "prefix")}${inner}${fence(fences[kind][1], "postfix")}</mrow>`,
  big: (sign, below, above) => {
    const base =
      sign === "sum"
        ? '<mo largeop="true" movablelimits="false">∑</mo>'
        : `<mi mathvariant="normal">${sign}</mi>`;
    return above === undefined
      ? `<munder>${base}<mrow>${below}</mrow></munder>`
      : `<munderover>${base}<mrow>${below}</mrow><mrow>${above}</mrow></munderover>`;
  },
  logic: english,
  conjunction: (word) => `<mtext>&#160;${word}&#160;</mtext>`,
  cases: (rows, logic) =>
    `<mrow>${fence("{", "prefix")}<mtable columnalign="left left">${rows
      .map(
        ({ value, condition }) =>
          `<mtr><mtd>${value}</mtd><mtd>${
            condition === undefined
              ? `<mtext>${logic.otherwise}</mtext>`
              : `<mrow><mtext>${logic.if}&#160;</mtext>${condition}</mrow>`
          }</mtd></mtr>`,
      )
      .join("")}</mtable></mrow>`,
  link: (key, piece) => `<mrow data-term="${escapeMarkup(key)}">${piece}</mrow>`,
};

/** A whole formula as a MathML element. */
export function mathElement(piece: string, display: "block" | "inline" = "block"): string {
  return `<math xmlns="http://www.w3.org/1998/Math/MathML" display="${display}">${piece}</math>`;
}
