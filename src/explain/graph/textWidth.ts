/** The width of a label without a font at hand: generous, so that boxes hold their words. */

const narrow = " !'()*,-./:;I[]fijlrt|·…−";

/** Estimated width in pixels. */
export function textWidth(text: string, fontSize: number, isBold = false): number {
  let ems = 0;
  for (const character of text) {
    if (narrow.includes(character)) ems += character === "−" || character === "…" ? 0.75 : 0.36;
    else if (character >= "\u2e80") ems += 1;
    else if (/[A-Z%@mwMW]/.test(character)) ems += 0.8;
    else ems += 0.58;
  }
  // The widest common face, DejaVu Sans, runs an eighth wider than Helvetica, its bold a quarter.
  return Math.ceil(ems * fontSize * (isBold ? 1.22 : 1.1));
}
