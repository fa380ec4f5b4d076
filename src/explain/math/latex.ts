/** Mathematics as LaTeX (amsmath), which Markdown readers and KaTeX understand too. */

import type { Primitive } from "./expression.ts";
import { type Accent, english, type Format, type Sign } from "./format.ts";
import { primitives } from "./primitives.ts";

const greek: Readonly<Record<string, string>> = {
  α: "\\alpha",
  β: "\\beta",
  γ: "\\gamma",
  δ: "\\delta",
  Δ: "\\Delta",
  ε: "\\varepsilon",
  ζ: "\\zeta",
  η: "\\eta",
  θ: "\\theta",
  κ: "\\kappa",
  λ: "\\lambda",
  μ: "\\mu",
  ν: "\\nu",
  ξ: "\\xi",
  π: "\\pi",
  ρ: "\\rho",
  σ: "\\sigma",
  τ: "\\tau",
  φ: "\\varphi",
  Φ: "\\Phi",
  χ: "\\chi",
  ψ: "\\psi",
  ω: "\\omega",
  "∂": "\\partial",
  "𝟏": "\\mathbf{1}",
};

const accents: Readonly<Record<Exclude<Accent, "prime">, string>> = {
  hat: "\\hat",
  tilde: "\\tilde",
  bar: "\\bar",
};

const signs: Readonly<Record<Sign, string>> = {
  "+": " + ",
  "−": " - ",
  "⊙": " \\odot ",
  "·": " \\cdot ",
  ":=": " := ",
  ":": " : ",
  "=": " = ",
  "≠": " \\neq ",
  "<": " < ",
  "≤": " \\le ",
  ">": " > ",
  "≥": " \\ge ",
};

const fences = {
  round: ["(", ")"],
  square: ["[", "]"],
  curly: ["\\{", "\\}"],
  bars: ["|", "|"],
  norm: ["\\lVert ", " \\rVert"],
  floor: ["\\lfloor ", " \\rfloor"],
  ceil: ["\\lceil ", " \\rceil"],
} as const;

/** Brackets grow only where their content is tall. */
const isTall = (piece: string) => /\\frac|\\sum|\\m(?:ax|in)_|\\begin|\\Bigl/.test(piece);

export function escapeLatex(text: string): string {
  return text.replace(/[\\{}$&#^_%~]/g, (c) =>
    c === "\\" ? "\\textbackslash{}" : c === "^" || c === "~" ? `\\${c}{}` : `\\${c}`,
  );
}

/** A number as people write it: 0.01, 1.5e-5 as 1.5·10⁻⁵. */
export function formatForReading(value: number): { mantissa: string; exponent?: number } {
  if (value === 0 || !Number.isFinite(value)) return { mantissa: String(value) };
  const rounded = Number(value.toPrecision(10));
  const text = String(rounded);
  const size = Math.abs(rounded);
  if (size >= 1e-4 && size < 1e7) return { mantissa: text };
  const [mantissa, exponent] = rounded.toExponential().split("e");
  return { mantissa, exponent: Number(exponent) };
}

const upright = (name: string) => `\\mathrm{${escapeLatex(name)}}`;

function letter(name: string): string {
  if (greek[name]) return greek[name];
  return [...name].length > 1 ? upright(name) : name;
}

/** Side by side; a command and a letter after it stay apart. */
function joined(parts: readonly string[]): string {
  return parts.reduce((text, part) => {
    const touches = /\\[a-zA-Z]+$/.test(text) && /^[a-zA-Z]/.test(part);
    return text + (touches ? " " : "") + part;
  }, "");
}

export const latex: Format = {
  hasInlineFractions: false,
  hasPowersOfE: true,
  number: (value) => {
    if (!Number.isFinite(value))
      return value > 0 ? "\\infty" : value < 0 ? "-\\infty" : "\\mathrm{NaN}";
    const { mantissa, exponent } = formatForReading(value);
    if (exponent === undefined) return mantissa;
    return mantissa === "1" ? `10^{${exponent}}` : `${mantissa}\\cdot 10^{${exponent}}`;
  },
  letter: (name, { isBold, accent }) => {
    const plain = letter(name);
    const styled = isBold ? (name === "1" ? "\\mathbf{1}" : `\\boldsymbol{${plain}}`) : plain;
    if (accent === undefined) return styled;
    return accent === "prime" ? `${styled}'` : `${accents[accent]}{${styled}}`;
  },
  variable: (name) => letter(name.replaceAll("′", "")) + "'".repeat(name.split("′").length - 1),
  functionName: (name) => {
    const known = primitives[name as Primitive]?.latex;
    if (known) return known;
    return [...name].length > 1 ? `\\operatorname{${escapeLatex(name)}}` : letter(name);
  },
  words: (text) => `\\text{${escapeLatex(text)}}`,
  operator: (sign) => signs[sign],
  minus: () => "-",
  prime: () => "\\prime",
  transposed: () => "\\top",
  layer: (name) => `(${name.replaceAll("−", "-")})`,
  comma: () => ",",
  separator: () => ", ",
  slash: () => "/",
  row: joined,
  product: (parts) => parts.join("\\,"),
  scripts: (base, below, above) =>
    base + (below === undefined ? "" : `_{${below}}`) + (above === undefined ? "" : `^{${above}}`),
  fraction: (top, bottom) => `\\frac{${top}}{${bottom}}`,
  root: (of) => `\\sqrt{${of}}`,
  brackets: (inner, kind) => {
    const [open, close] = fences[kind];
    return isTall(inner) ? `\\left${open}${inner}\\right${close}` : `${open}${inner}${close}`;
  },
  big: (sign, below, above) => `\\${sign}_{${below}}${above === undefined ? "" : `^{${above}}`}`,
  logic: english,
  conjunction: (word) => `\\ \\text{${word}}\\ `,
  cases: (rows, logic) =>
    `\\begin{cases}${rows
      .map(({ value, condition }) =>
        condition === undefined
          ? `${value} & \\text{${logic.otherwise}}`
          : `${value} & \\text{${logic.if} } ${condition}`,
      )
      .join(" \\\\ ")}\\end{cases}`,
  link: (_, piece) => piece,
};
