/** PNG pictures as float32 pixels, grey or coloured. */

import { type DecodedPng, decode } from "fast-png";
import { FileError } from "../../util/index.ts";

/** One picture. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: 1 | 3;
  /** [height, width, channels] from 0 to 1. */
  readonly pixels: Float32Array;
}

/** Decodes a PNG file of any colour type and bit depth. Transparent pixels show white behind them.
 *
 * @param channels 1 for grey (0.299 R + 0.587 G + 0.114 B, Rec. 601), 3 for colours; "auto" gives 1 exactly
 *   when the file itself is grey
 * @throws FileError when it is not a PNG file, or a damaged one
 */
export function decodePicture(
  bytes: Uint8Array,
  { where = "PNG", channels = "auto" }: { where?: string; channels?: 1 | 3 | "auto" } = {},
): Picture {
  const png = decoded(bytes, where);
  const { width, height } = png;
  const isGrey = png.palette === undefined && png.channels <= 2;
  const wanted = channels === "auto" ? (isGrey ? 1 : 3) : channels;
  const pixels = new Float32Array(height * width * wanted);
  const colours = coloursOf(png);
  for (let i = 0; i < height * width; i++) {
    const [red, green, blue] = colours(i);
    if (wanted === 3) pixels.set([red, green, blue], 3 * i);
    else pixels[i] = isGrey ? red : 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  return { height, width, channels: wanted, pixels };
}

function decoded(bytes: Uint8Array, where: string): DecodedPng {
  try {
    return decode(bytes, { checkCrc: true });
  } catch (cause) {
    throw new FileError(
      `${where}: expected a PNG picture, got something else or a damaged one (${(cause as Error).message}); ` +
        "save it as PNG again.",
      { cause },
    );
  }
}

type Colour = readonly [red: number, green: number, blue: number];

/** The colour of each pixel, from 0 to 1, over white. */
function coloursOf(png: DecodedPng): (pixel: number) => Colour {
  const { channels, depth, palette, transparency } = png;
  const sample = samplesOf(png);
  const most = 2 ** depth - 1;
  if (palette !== undefined) {
    const table = palette.map(([red, green, blue, alpha = 255]) =>
      overWhite([red / 255, green / 255, blue / 255], alpha / 255),
    );
    return (pixel) => table[sample(pixel)];
  }
  const hasAlpha = channels === 2 || channels === 4;
  const isClear = (values: readonly number[]) =>
    transparency !== undefined && values.every((value, i) => value === transparency[i]);
  return (pixel) => {
    const raw = Array.from({ length: channels }, (_, i) => sample(pixel * channels + i));
    const [red, green, blue] = channels < 3 ? [raw[0], raw[0], raw[0]] : raw;
    let alpha = hasAlpha ? raw[channels - 1] / most : 1;
    if (isClear(raw)) alpha = 0;
    return overWhite([red / most, green / most, blue / most], alpha);
  };
}

function overWhite([red, green, blue]: Colour, alpha: number): Colour {
  const over = (value: number) => value * alpha + 1 - alpha;
  return [over(red), over(green), over(blue)];
}

/** Sample `i` of the picture; samples of less than 8 bits are packed, each row from a new byte. */
function samplesOf({ data, depth, width, channels }: DecodedPng): (i: number) => number {
  if (depth >= 8) return (i) => data[i];
  const perRow = width * channels;
  const rowBytes = Math.ceil((perRow * depth) / 8);
  return (i) => {
    const bit = (i % perRow) * depth;
    const byte = data[Math.floor(i / perRow) * rowBytes + (bit >> 3)];
    return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  };
}
