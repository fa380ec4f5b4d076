/** Unpacking gzip with what browsers and Node.js have built in. */

import { FileError } from "../../util/index.ts";

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** The error of a gzip file that cannot be unpacked. */
export function brokenGzip(where: string, cause: unknown): FileError {
  return new FileError(
    `${where}: expected a complete gzip file, got a damaged one; copy or download it again.`,
    { cause },
  );
}

/** The content of a gzip file; other bytes come back as they are.
 *
 * @param where names the file in errors
 * @throws FileError for a damaged file
 */
export async function gunzipIfNeeded(bytes: Uint8Array, where = "gzip data"): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  try {
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
      .stream()
      .pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (cause) {
    throw brokenGzip(where, cause);
  }
}
