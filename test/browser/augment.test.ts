/** Augmentation in a Web Worker of a real browser: the same bytes as in Node.js. Needs Debian's chromium. */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { augmentation, transforms } from "../../src/data/index.ts";

const dist = join(import.meta.dirname, "..", "..", "dist");
const hasBrowser = spawnSync("chromium", ["--version"]).status === 0;
const profile = mkdtempSync(join(tmpdir(), "chainrule-browser-"));
let browser: ChildProcess | undefined;
afterAll(async () => {
  if (browser !== undefined) {
    const ended = new Promise((resolve) => browser!.on("exit", resolve));
    browser.kill();
    await ended;
  }
  rmSync(profile, { recursive: true, force: true });
});

const page = `<!doctype html><script type="module">
  const tell = (text) => fetch("/answer", { method: "POST", body: text });
  try {
    const { transforms } = await import("/src/data/augment/transforms.js");
    const { augmentInWebWorker } = await import("/src/data/augment/worker.js");
    const start = () => new Worker("/src/data/augment/webWorkerThread.js", { type: "module" });
    const list = Object.values(transforms).map((make) => make());
    const preparer = augmentInWebWorker(list, start, { fill: 0 }).open([8, 8, 1], 3);
    const inputs = Float32Array.from({ length: 128 }, (_, i) => i % 7);
    await tell(JSON.stringify(Array.from(await preparer.prepare({ epoch: 2, rows: Int32Array.of(4, 9), inputs }))));
  } catch (error) {
    await tell(String(error));
  }
</script>`;

test.skipIf(!hasBrowser)(
  "a Web Worker gives the same bytes as Node.js",
  { timeout: 60_000 },
  async () => {
    const answer = await new Promise<string>((resolve) => {
      const server = createServer((request, response) => {
        if (request.url === "/answer") {
          let text = "";
          request.on("data", (part) => {
            text += part;
          });
          request.on("end", () => {
            response.end();
            server.close();
            resolve(text);
          });
          return;
        }
        const path = join(dist, request.url!);
        const isPage = request.url === "/";
        response.setHeader("content-type", isPage ? "text/html" : "text/javascript");
        if (isPage || existsSync(path)) response.end(isPage ? page : readFileSync(path));
        else response.writeHead(404).end();
      });
      server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        const options = [
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          `--user-data-dir=${profile}`,
        ];
        browser = spawn("chromium", [...options, `http://127.0.0.1:${port}/`], { stdio: "ignore" });
      });
    });
    const list = Object.values(transforms).map((make) => make());
    const inputs = Float32Array.from({ length: 128 }, (_, i) => i % 7);
    const preparer = augmentation(list, { fill: 0 }).open([8, 8, 1], 3);
    const expected = await preparer.prepare({ epoch: 2, rows: Int32Array.of(4, 9), inputs });
    // Engines may differ in the last bit of a sine or a logarithm.
    const got: number[] = JSON.parse(answer);
    expect(got).toHaveLength(128);
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
  },
);
