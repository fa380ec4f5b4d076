/** Tests of fetching, against real HTTP servers that resume, break off, lie, stall or are not there. */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Generator } from "../../util/index.ts";
import { fetchFile } from "./fetchFile.node.ts";
import { loadImageSet } from "./imageSets.node.ts";
import { localImageSet } from "./imageSets.testing.ts";

const content = new Uint8Array(300_000);
const generator = new Generator(1);
for (let i = 0; i < content.length; i++) content[i] = generator.integer(256);
const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const check = (bytes: Uint8Array) => {
  if (digest(bytes) !== digest(content)) throw new Error("wrong checksum");
};

let folder: string;
let path: string;
const servers: Server[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chainrule-fetch-"));
  path = join(folder, "deep", "file.gz");
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await rm(folder, { recursive: true, force: true });
});

/** A server's address, and the Range header of each request that it got. */
async function serve(listener: RequestListener) {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    ranges.push(request.headers.range);
    listener(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/file.gz`, base: `http://127.0.0.1:${port}`, ranges };
}

/** Answers ranges; ends the connection after `most` bytes of each answer. */
function ranged(bytes = content, most = Number.POSITIVE_INFINITY): RequestListener {
  return (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (from >= bytes.length) {
      response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
      return;
    }
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": bytes.length - from,
      ...(from > 0 && { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    const end = Math.min(bytes.length, from + most);
    response.write(bytes.subarray(from, end), () => {
      if (end < bytes.length) setTimeout(() => response.destroy(), 20);
      else response.end();
    });
  };
}

test("a file is fetched, checked, put in place, and its progress told", async () => {
  const { url, ranges } = await serve(ranged());
  const seen: number[] = [];
  const bytes = await fetchFile({ urls: [url], path, check, onProgress: (n) => seen.push(n) });
  expect(digest(bytes)).toBe(digest(content));
  expect(digest(readFileSync(path))).toBe(digest(content));
  expect(existsSync(`${path}.part`)).toBe(false);
  expect(ranges).toEqual([undefined]);
  expect(seen.at(-1)).toBe(content.length);
});

test("a connection that breaks off is resumed where it broke", async () => {
  const { url, ranges } = await serve(ranged(content, 120_000));
  const bytes = await fetchFile({ urls: [url], path, check });
  expect(digest(bytes)).toBe(digest(content));
  // One more try for each time that the client was too slow to read what had come.
  expect(ranges.length).toBeGreaterThanOrEqual(3);
  expect(ranges[0]).toBeUndefined();
  expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range!))).toBe(true);
});

test("a connection that breaks before it brings anything is tried again", async () => {
  let requests = 0;
  const answer = ranged();
  const { url } = await serve((request, response) => {
    requests++;
    if (requests > 2) return answer(request, response);
    response.writeHead(200, { "content-length": content.length });
    response.flushHeaders();
    setTimeout(() => response.destroy(), 20);
  });
  expect(digest(await fetchFile({ urls: [url], path, check }))).toBe(digest(content));
  expect(requests).toBe(3);
});

test("a later process goes on with the part that an earlier one left", async () => {
  await fetchFile({
    urls: [(await serve((_, response) => response.writeHead(503).end())).url],
    path,
    check,
  }).catch(() => {});
  await writeFile(`${path}.part`, content.subarray(0, 100_000));
  const { url, ranges } = await serve(ranged());
  await fetchFile({ urls: [url], path, check });
  expect(ranges).toEqual(["bytes=100000-"]);
});

test("a server without ranges starts over", async () => {
  await fetchFile({ urls: ["http://127.0.0.1:1/"], path, check }).catch(() => {});
  await writeFile(`${path}.part`, content.subarray(0, 100_000));
  const { url } = await serve((_, response) => response.end(content));
  await fetchFile({ urls: [url], path, check });
  expect(digest(readFileSync(path))).toBe(digest(content));
});

test("a part of another file is thrown away and fetched again from the same mirror", async () => {
  await fetchFile({ urls: ["http://127.0.0.1:1/"], path, check }).catch(() => {});
  await writeFile(`${path}.part`, new Uint8Array(100_000));
  const { url, ranges } = await serve(ranged());
  await fetchFile({ urls: [url], path, check });
  expect(ranges).toEqual(["bytes=100000-", undefined]);
});

test("a part that is complete already is only checked", async () => {
  await fetchFile({ urls: ["http://127.0.0.1:1/"], path, check }).catch(() => {});
  await writeFile(`${path}.part`, content);
  const { url, ranges } = await serve(ranged());
  await fetchFile({ urls: [url], path, check });
  expect(ranges).toEqual([`bytes=${content.length}-`]);
});

test("a mirror with a wrong file, one that errs and one that is not there are passed over", async () => {
  const wrong = await serve(ranged(content.subarray(1)));
  const erring = await serve((_, response) => response.writeHead(500).end("no"));
  const good = await serve(ranged());
  const urls = [wrong.url, erring.url, "http://127.0.0.1:1/", good.url];
  expect(digest(await fetchFile({ urls, path, check }))).toBe(digest(content));
  expect(good.ranges).toEqual([undefined]);
});

test("the error names what went wrong with each mirror", async () => {
  const missing = await serve((_, response) => response.writeHead(404).end());
  const wrong = await serve(ranged(content.subarray(1)));
  const urls = [missing.url, wrong.url, "http://127.0.0.1:1/x"];
  const error: Error = await fetchFile({ urls, path, check }).then(
    () => new Error("fetched"),
    (thrown) => thrown,
  );
  const lines = error.message.split("\n");
  expect(lines[0]).toBe(`${path}: cannot be fetched from any of 3 addresses:`);
  expect(lines[1]).toBe(`  ${missing.url}: answered 404 Not Found`);
  expect(lines[2]).toBe(`  ${wrong.url}: wrong checksum`);
  expect(lines[3]).toMatch(/^ {2}http:\/\/127\.0\.0\.1:1\/x: fetch failed: ./);
  expect(existsSync(path)).toBe(false);
});

test("a mirror that stalls is given up", async () => {
  const stalled = await serve((_, response) => {
    response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 10));
  });
  const good = await serve(ranged());
  const bytes = await fetchFile({ urls: [stalled.url, good.url], path, check, patience: 200 });
  expect(digest(bytes)).toBe(digest(content));
});

test("an abort ends it with the signal's reason and keeps the part", async () => {
  const controller = new AbortController();
  const { url } = await serve((_, response) => {
    response.writeHead(200, { "content-length": content.length }).write(content.subarray(0, 1000));
    setTimeout(() => controller.abort(new Error("enough")), 50);
  });
  const fetching = fetchFile({ urls: [url], path, check, signal: controller.signal });
  await expect(fetching).rejects.toThrow("enough");
  expect(readFileSync(`${path}.part`)).toHaveLength(1000);
});

test("no network: the error names the variable and the option", async () => {
  const { CHAINRULE_DATA_DIR } = process.env;
  delete process.env.CHAINRULE_DATA_DIR;
  try {
    const mirrors = ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b/"];
    const loading = loadImageSet("mnist", { cacheDir: folder, mirrors });
    await expect(loading).rejects.toThrow(
      /^MNIST: .*cannot be fetched from any of 2 addresses:\n {2}http:\/\/127\.0\.0\.1:1\/a\/t.*-ubyte\.gz: fetch failed[\s\S]*Without a network, put the set's four files in a folder and name it with --data-dir or the environment variable CHAINRULE_DATA_DIR\.$/,
    );
  } finally {
    if (CHAINRULE_DATA_DIR !== undefined) process.env.CHAINRULE_DATA_DIR = CHAINRULE_DATA_DIR;
  }
});

const { dataDir } = localImageSet("mnist") ?? {};
test.skipIf(dataDir === undefined)(
  "MNIST comes from a mirror once, then from the cache (set CHAINRULE_DATA_DIR)",
  async () => {
    const { CHAINRULE_DATA_DIR } = process.env;
    delete process.env.CHAINRULE_DATA_DIR;
    try {
      const { base, ranges } = await serve((request, response) => {
        ranged(readFileSync(join(dataDir!, "mnist", request.url!)))(request, response);
      });
      const options = { cacheDir: join(folder, "cache"), mirrors: ["http://127.0.0.1:1", base] };
      const files = new Set<string>();
      const onProgress = ({
        file,
        bytes,
        total,
      }: {
        file: string;
        bytes: number;
        total: number;
      }) => {
        if (bytes === total) files.add(file);
      };
      const first = await loadImageSet("mnist", { ...options, onProgress });
      expect(first.test.length).toBe(10_000);
      expect(files.size).toBe(4);
      await loadImageSet("mnist", options);
      expect(ranges).toHaveLength(4);
    } finally {
      if (CHAINRULE_DATA_DIR !== undefined) process.env.CHAINRULE_DATA_DIR = CHAINRULE_DATA_DIR;
    }
  },
);
