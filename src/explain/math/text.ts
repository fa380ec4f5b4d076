/** Mathematics as one line of plain text, with Unicode's superscripts. */

import { english, type Format } from "./format.ts";
import { formatForReading } from "./latex.ts";

const above: Readonly<Record<string, string>> = {
  ...Object.fromEntries([..."0123456789"].map((digit, i) => [digit, "⁰¹²³⁴⁵⁶⁷⁸⁹"[i]])),
  "(": "⁽",
  ")": "⁾",
  "+": "⁺",
  "-": "⁻",
  "−": "⁻",
  ".": "·",
  l: "ˡ",
  L: "ᴸ",
  t: "ᵗ",
  n: "ⁿ",
  "′": "′",
  ᵀ: "ᵀ",
  "⁽": "⁽",
  "⁾": "⁾",
};

/** In superscript characters, or undefined where one is missing. */
function raised(text: string): string | undefined {
  const characters = [...text].map((c) => above[c] ?? (/[⁰-⁹⁺⁻ˡᴸᵗⁿ·²³¹]/u.test(c) ? c : undefined));
  return characters.every((c) => c !== undefined) ? characters.join("") : undefined;
}

/** A script of several parts in braces. */
const grouped = (text: string): string => (/^[\p{L}\p{N}′]*$/u.test(text) ? text : `{${text}}`);

const accents = { hat: "\u0302", tilde: "\u0303", bar: "\u0304", prime: "′" } as const;

const fences = {
  round: ["(", ")"],
  square: ["[", "]"],
  curly: ["{", "}"],
  bars: ["|", "|"],
  norm: ["‖", "‖"],
  floor: ["⌊", "⌋"],
  ceil: ["⌈", "⌉"],
} as const;

export const plainText: Format = {
  hasInlineFractions: true,
  hasPowersOfE: false,
  number: (value) => {
    if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "NaN";
    const { mantissa, exponent } = formatForReading(value);
    const text = mantissa.replace("-", "−");
    return exponent === undefined ? text : `${text}·10${raised(String(exponent))}`;
  },
  letter: (name, { isBold, accent }) =>
    (isBold && name === "1" ? "𝟏" : name) + (accent ? accents[accent] : ""),
  variable: (name) => name,
  functionName: (name) => name,
  words: (text) => text,
  operator: (sign) => ` ${sign} `,
  minus: () => "−",
  prime: () => "′",
  transposed: () => "ᵀ",
  layer: (name) => raised(`(${name})`) ?? `^(${name})`,
  comma: () => ",",
  separator: () => ", ",
  slash: () => "/",
  row: (parts) => parts.join(""),
  product: (parts) => parts.join(" "),
  scripts: (base, below, top) => {
    const lower = below === undefined ? "" : `_${grouped(below.replace(/ ([+−·]) /g, "$1"))}`;
    if (top === undefined) return base + lower;
    const upper = raised(top);
    if (upper !== undefined) return base + upper + lower;
    return `${base}${lower}^${grouped(top)}`;
  },
  fraction: (top, bottom) => `${top}/${bottom}`,
  root: (of) => `√(${of})`,
  brackets: (inner, kind) => `${fences[kind][0]}${inner}${fences[kind][1]}`,
  big: (sign, below, top) => {
    if (sign !== "sum") return `${sign}_{${below}}`;
    return top === undefined ? `Σ_${below}` : `Σ_{${below.replaceAll(" ", "")}..${top}}`;
  },
  logic: english,
  conjunction: (word) => ` ${word} `,
  cases: (rows, logic) =>
    `{ ${rows
      .map(({ value, condition }) =>
        condition === undefined
          ? `${value} ${logic.otherwise}`
          : `${value} ${logic.if} ${condition}`,
      )
      .join("; ")} }`,
  link: (_, piece) => piece,
};
