/** Fetching a file from the first of several mirrors that has it, going on where an earlier try ended. */

import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { FileError } from "../../util/index.ts";

export interface FetchOptions {
  /** Addresses of the file, tried in this order. */
  readonly urls: readonly string[];
  /** Where the file goes when it is complete and checked; until then it grows in `path + ".part"`. */
  readonly path: string;
  /** Throws when the bytes are not what they should be. */
  readonly check: (bytes: Uint8Array) => void | Promise<void>;
  /** Told now and then how many bytes have come. */
  readonly onProgress?: (bytes: number) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds without a byte after which a mirror is given up; default 30,000. */
  readonly patience?: number;
}

/** Times that a mirror which broke off is asked again. */
const mostResumes = 5;

/** Tries in a row that may bring nothing: what came but was not read is lost when a connection breaks. */
const mostFruitless = 2;

/** Fetches a file unless `path` exists, checks it and puts it in place in one step.
 *
 * @returns the file's bytes
 * @throws FileError that lists what went wrong with each mirror; the AbortSignal's reason
 */
export async function fetchFile(options: FetchOptions): Promise<Uint8Array> {
  const { urls, path } = options;
  await mkdir(dirname(path), { recursive: true });
  const problems: string[] = [];
  for (const url of urls) {
    const problem = await fromMirror(url, options);
    if (problem === undefined) return readFile(path);
    problems.push(`${url}: ${problem}`);
  }
  throw new FileError(
    `${path}: cannot be fetched from any of ${urls.length} addresses:\n  ${problems.join("\n  ")}`,
  );
}

/** @returns what went wrong, or undefined when the file is in place. */
async function fromMirror(url: string, options: FetchOptions): Promise<string | undefined> {
  const { path, check, signal } = options;
  const part = `${path}.part`;
  let problem = "";
  let fruitless = 0;
  for (let attempt = 0; attempt <= mostResumes; attempt++) {
    signal?.throwIfAborted();
    const before = await sizeOf(part);
    try {
      const wasResumed = await download(url, before, options);
      const bytes = await readFile(part);
      try {
        await check(bytes);
      } catch (error) {
        await rm(part, { force: true });
        problem = messageOf(error);
        // The beginning may have come from another mirror, or from an older file.
        if (wasResumed) continue;
        return problem;
      }
      await rename(part, path);
      return undefined;
    } catch (error) {
      signal?.throwIfAborted();
      problem = messageOf(error);
      if (!(error instanceof BrokenOff)) return problem;
      fruitless = (await sizeOf(part)) > before ? 0 : fruitless + 1;
      if (fruitless > (error instanceof Stalled ? 0 : mostFruitless)) return problem;
    }
  }
  return problem;
}

/** A transfer that ended before its end: what has come stays. */
class BrokenOff extends Error {}

/** One that came to a halt; asking again would take as long once more. */
class Stalled extends BrokenOff {}

/** Appends to the part file what the mirror has behind byte `from`.
 *
 * @returns whether the part file's beginning is older than this transfer
 */
async function download(url: string, from: number, options: FetchOptions): Promise<boolean> {
  const { path, onProgress, signal, patience = 30_000 } = options;
  const stall = new AbortController();
  const giveUp = () => stall.abort(new Stalled(`nothing came for ${patience / 1000} s`));
  let timer = setTimeout(giveUp, patience);
  const part = `${path}.part`;
  try {
    const response = await fetch(url, {
      headers: from > 0 ? { Range: `bytes=${from}-` } : {},
      signal: signal === undefined ? stall.signal : AbortSignal.any([stall.signal, signal]),
    });
    if (response.status === 416) {
      await response.body?.cancel();
      // The part file is complete already, or longer than the file: the check tells.
      return true;
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`answered ${response.status} ${response.statusText}`.trim());
    }
    const isResumed = response.status === 206 && startOf(response) === from && from > 0;
    const start = isResumed ? from : 0;
    let received = start;
    const file = await open(part, isResumed ? "a" : "w");
    try {
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, patience);
        await file.write(chunk);
        received += chunk.length;
        onProgress?.(received);
      }
      await file.sync();
    } catch (cause) {
      throw new BrokenOff(`broke off after ${received} bytes (${messageOf(cause)})`, { cause });
    } finally {
      await file.close();
    }
    const announced = Number(response.headers.get("content-length") ?? Number.NaN);
    const isEncoded = response.headers.has("content-encoding");
    if (!isEncoded && received - start < announced) {
      throw new BrokenOff(`broke off after ${received} of ${start + announced} bytes`);
    }
    return isResumed;
  } catch (error) {
    // An abort by the timer carries its own reason.
    throw stall.signal.aborted ? stall.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** The first byte that a partial answer holds. */
function startOf(response: Response): number {
  const match = /^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "");
  return match === null ? Number.NaN : Number(match[1]);
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

/** The words of an error, and of the causes that hide behind "fetch failed". */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return cause && !error.message.includes(cause) ? `${error.message}: ${cause}` : error.message;
}
