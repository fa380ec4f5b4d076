/** A real browser for tests: opens a page that a local server gives, and waits for its one answer.
 *
 * `scripts/install-test-tools.sh` installs one; CHAINRULE_BROWSER names another. Where there is none, the
 * tests are left out with that reason, but fail where CI is set. */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";

const browserPath = process.env.CHAINRULE_BROWSER ?? "chromium";
const hasBrowser = spawnSync(browserPath, ["--version"]).status === 0;
const missing = `found no browser "${browserPath}": run scripts/install-test-tools.sh, or name one by CHAINRULE_BROWSER`;

/** A test that needs the browser. */
export function testInBrowser(name: string, milliseconds: number, body: () => Promise<void>): void {
  const isCi = process.env.CI === "true";
  test(name, { timeout: milliseconds }, async (context) => {
    if (hasBrowser) await body();
    else if (isCi) throw new Error(missing);
    else context.skip(missing);
  });
  if (!hasBrowser && !isCi) console.warn(`${name}: skipped, ${missing}`);
}

/** Headers of a page that may share memory with its workers. */
const isolated = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** What the server gives for a path. */
export interface ServedFile {
  readonly type: string;
  readonly content: string | Uint8Array;
}

const dist = join(import.meta.dirname, "..", "..", "dist");

/** The module at a path of the built package, or nothing. */
export function builtFile(path: string): ServedFile | undefined {
  const file = join(dist, path);
  return existsSync(file) ? { type: "text/javascript", content: readFileSync(file) } : undefined;
}

/** Opens `/` and returns what the page posts to `/answer`; the browser is gone afterwards.
 * @param fileAt the file of a path, undefined for 404 */
export async function answerOfPage(
  fileAt: (path: string) => ServedFile | undefined,
): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), "chainrule-browser-"));
  let answered: (text: string) => void = () => {};
  const answer = new Promise<string>((resolve, reject) => {
    answered = resolve;
    // Sooner than the tests' own limits: after those, nobody would end a browser whose page hangs.
    setTimeout(() => reject(new Error("the page gave no answer within 50 s")), 50_000).unref();
  });
  const server = createServer((request, response) => {
    if (request.url === "/answer") {
      let text = "";
      request.on("data", (part) => {
        text += part;
      });
      request.on("end", () => {
        response.end();
        answered(text);
      });
      return;
    }
    const file = fileAt(request.url!);
    if (file === undefined) response.writeHead(404).end();
    else response.writeHead(200, { ...isolated, "content-type": file.type }).end(file.content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const options = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`];
  const address = `http://127.0.0.1:${port}/`;
  const browser = spawn(browserPath, [...options, address], { stdio: "ignore" });
  const ended = new Promise((resolve) => browser.on("exit", resolve));
  try {
    return await answer;
  } finally {
    browser.kill();
    await ended;
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
