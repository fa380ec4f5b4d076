/** Text files, also gzipped ones and the standard input. */

import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { FileError } from "../util/index.ts";

/** Reads a text in UTF-8; "-" is the standard input.
 *
 * @throws FileError when it cannot be read, or is no text
 */
export async function readText(path: string): Promise<string> {
  try {
    const bytes = path === "-" ? await buffer(process.stdin) : await readFile(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return new TextDecoder("utf-8", { fatal: true }).decode(isGzip ? gunzipSync(bytes) : bytes);
  } catch (cause) {
    throw new FileError(`File "${path}": ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "expected a file, found nothing there; check the path.";
    case "EISDIR":
      return "expected a file, got a folder; name a file in it.";
    case "EACCES":
    case "EPERM":
      return "expected a file, got no permission to read it.";
    case "ERR_ENCODING_INVALID_ENCODED_DATA":
      return "expected text in UTF-8, got other bytes.";
    default:
      return `cannot be read (${message}).`;
  }
}
