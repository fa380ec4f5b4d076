/** Grey pictures as data addresses, so that a page needs no other file. */

import { ShapeError } from "../util/index.ts";

/** A grey picture as an uncompressed 8-bit BMP in a `data:` address; ink is dark on white paper.
 *
 * @param pixels [height, width] from the top, 0 (paper) to 1 (ink)
 * @throws ShapeError when there are not width × height pixels
 * @example
 * const source = grayImage({ width: 2, height: 1, pixels: [0, 1] });
 */
export function grayImage(image: {
  readonly width: number;
  readonly height: number;
  readonly pixels: ArrayLike<number>;
}): string {
  const { width, height, pixels } = image;
  if (pixels.length !== width * height) {
    throw new ShapeError(
      `grayImage: expected ${height} × ${width} pixels, got ${pixels.length}; give one number a pixel.`,
    );
  }
  const stride = Math.ceil(width / 4) * 4;
  const start = 54 + 256 * 4;
  const bytes = new Uint8Array(start + stride * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, start, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  // A negative height means that the rows come from the top.
  view.setInt32(22, -height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  view.setUint32(34, stride * height, true);
  view.setUint32(46, 256, true);
  for (let level = 0; level < 256; level++) {
    bytes.set([255 - level, 255 - level, 255 - level, 0], 54 + level * 4);
  }
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const ink = pixels[row * width + column];
      bytes[start + row * stride + column] = Math.round(Math.min(1, Math.max(0, ink || 0)) * 255);
    }
  }
  return `data:image/bmp;base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}
