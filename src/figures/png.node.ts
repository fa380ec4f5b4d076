/** Pictures drawn as PNG files, in Node.js, with a font of their own: the same on every machine. */

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { FileError, UsageError } from "../util/index.ts";

/** How to draw a PNG. */
export interface PngOptions {
  /** Pixels of the picture per CSS pixel of the drawing; 2 unless said, for sharp screens. */
  readonly scale?: number;
  /** Files of further fonts (.ttf, .otf, .ttc), for letters that DejaVu Sans lacks, such as Chinese ones. */
  readonly fonts?: readonly string[];
}

/** DejaVu Sans holds Latin, Greek and Cyrillic letters and mathematical signs. */
const fontNames = ["DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"];
const fontFamily = "DejaVu Sans";

/** The longest side, in pixels: what viewers and memory take. */
const longestSide = 16_384;

/** Draws an SVG document as a PNG file.
 *
 * All text is set in DejaVu Sans, whatever font the drawing asks for, so equal drawings give equal bytes;
 * the fonts of the system are not read. It has no Chinese, Japanese or Korean letters: name a font that does.
 *
 * @throws UsageError for a text that is no SVG, a scale that is not positive or gives too many pixels, or
 *   letters that need a font of `fonts`
 * @throws FileError when the renderer or the font is not installed
 * @example
 * writeFileSync("curves.png", await toPng(await renderSvg(learningCurves(history))));
 */
export async function toPng(
  svg: string,
  { scale = 2, fonts = [] }: PngOptions = {},
): Promise<Uint8Array> {
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new UsageError(`toPng: expected a scale above 0, got ${scale}.`);
  }
  expectLetters(svg, fonts);
  const { Resvg } = await loadRenderer();
  const drawing = parse(() => {
    return new Resvg(svg, {
      fitTo: { mode: "zoom", value: scale },
      font: {
        loadSystemFonts: false,
        fontFiles: [...fontFiles(), ...fonts],
        defaultFontFamily: fontFamily,
        sansSerifFamily: fontFamily,
        serifFamily: fontFamily,
        monospaceFamily: fontFamily,
      },
    });
  });
  const { width, height } = drawing;
  if (Math.max(width, height) * scale > longestSide) {
    const most = Math.floor((100 * longestSide) / Math.max(width, height)) / 100;
    throw new UsageError(
      `toPng: expected at most ${longestSide} pixels a side, got a drawing of ${Math.ceil(width)}×${Math.ceil(height)} at ` +
        `scale ${scale}; use a scale of at most ${most}, or keep the SVG.`,
    );
  }
  return new Uint8Array(drawing.render().asPng());
}

async function loadRenderer(): Promise<typeof import("@resvg/resvg-js")> {
  try {
    return await import("@resvg/resvg-js");
  } catch (cause) {
    throw new FileError(
      "toPng: the renderer of PNG files, @resvg/resvg-js, cannot be loaded on this machine " +
        `(${process.platform} ${process.arch}); install again with optional dependencies, or write SVG.`,
      { cause },
    );
  }
}

const eastAsian =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3000-\u303f\uff00-\uffef]+/u;

/** A picture with empty boxes for letters would be worse than none. */
function expectLetters(svg: string, fonts: readonly string[]): void {
  const missing = fonts.find((file) => !existsSync(file));
  if (missing !== undefined) {
    throw new FileError(`toPng: expected a font file at "${missing}", found nothing.`);
  }
  const drawn = svg.replace(/<(title|desc)\b[^>]*>.*?<\/\1>|<[^>]*>/gs, " ");
  const letters = fonts.length === 0 ? eastAsian.exec(drawn) : null;
  if (letters === null) return;
  throw new UsageError(
    `toPng: the packaged font, DejaVu Sans, has no letters for "${letters[0]}"; write SVG instead, or ` +
      "pass toPng(svg, { fonts: [file] }) with a font that has them, such as Noto Sans CJK.",
  );
}

function fontFiles(): string[] {
  const require = createRequire(import.meta.url);
  let folder: string;
  try {
    folder = join(dirname(require.resolve("dejavu-fonts-ttf/package.json")), "ttf");
  } catch (cause) {
    throw new FileError("toPng: the font package dejavu-fonts-ttf is missing; run npm install.", {
      cause,
    });
  }
  const files = fontNames.map((name) => join(folder, `${name}.ttf`));
  // The renderer leaves out text without a word when a font is missing.
  const missing = files.find((file) => !existsSync(file));
  if (missing === undefined) return files;
  throw new FileError(`toPng: expected the font "${missing}", found nothing; run npm install.`);
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new UsageError(`toPng: expected an SVG document: ${(cause as Error).message}.`, {
      cause,
    });
  }
}
