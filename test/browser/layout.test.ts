/** A large graph drawn on a page of a real browser: quickly, and without holding up the page.
 *
 * The page is bundled from the built package by Vite's defaults, as a user's own page would be. */

import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { afterAll, expect } from "vitest";
import { answerOfPage, testInBrowser } from "./browser.testing.ts";

const explain = join(import.meta.dirname, "..", "..", "dist", "src", "explain", "index.js");
const site = mkdtempSync(join(tmpdir(), "chainrule-layout-"));
afterAll(() => rmSync(site, { recursive: true, force: true }));

/** Draws a function of some 300 nodes three times, while a timer of 10 ms notes when it fires. */
const script = `
  import { drawGraph } from ${JSON.stringify(explain)};
  const tell = (answer) => fetch("/answer", { method: "POST", body: JSON.stringify(answer) });
  const branching = (x) => {
    let row = Array.from({ length: 21 }, (_, i) => x.mul(i + 1).sin());
    while (row.length > 1) {
      row = row.slice(1).map((each, i) => (i % 2 ? each.mul(row[i]) : each.add(row[i])));
      if (row.length % 4 === 0) row = row.map((each) => each.tanh());
    }
    return row[0].sum();
  };
  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const draw = async () => {
    const ticks = [performance.now()];
    const timer = setInterval(() => ticks.push(performance.now()), 10);
    await pause(50);
    const start = performance.now();
    const drawing = await drawGraph(branching, { at: [[0.5, -0.25]] });
    document.body.innerHTML = drawing.svg();
    const milliseconds = performance.now() - start;
    await pause(50);
    clearInterval(timer);
    const longestGap = Math.max(...ticks.slice(1).map((tick, i) => tick - ticks[i]));
    return { milliseconds, longestGap, nodes: drawing.picture.nodes.length };
  };
  try {
    const draws = [await draw(), await draw(), await draw()];
    await tell({
      draws,
      boxes: document.querySelectorAll("svg rect").length,
      scripts: performance.getEntriesByType("resource").map(({ name }) => name),
    });
  } catch (error) {
    await tell({ error: String(error?.stack ?? error) });
  }
`;

interface Answer {
  readonly error?: string;
  readonly draws: readonly {
    readonly milliseconds: number;
    readonly longestGap: number;
    readonly nodes: number;
  }[];
  readonly boxes: number;
  readonly scripts: readonly string[];
}

async function bundle(): Promise<void> {
  mkdirSync(site, { recursive: true });
  writeFileSync(join(site, "main.js"), script);
  writeFileSync(
    join(site, "index.html"),
    '<!doctype html><meta charset="utf-8"><body><script type="module" src="/main.js"></script>',
  );
  const { build } = await import("vite");
  await build({
    root: site,
    configFile: false,
    logLevel: "silent",
    build: { outDir: join(site, "out"), target: "es2022" },
  });
}

async function openPage(): Promise<Answer> {
  const answer = await answerOfPage((url) => {
    const path = join(site, "out", url === "/" ? "index.html" : url);
    const type = extname(path) === ".js" ? "text/javascript" : "text/html; charset=utf-8";
    return existsSync(path) ? { type, content: readFileSync(path) } : undefined;
  });
  return JSON.parse(answer);
}

testInBrowser(
  "a graph of 300 nodes is drawn in under 3 s, and the page's timers keep firing",
  120_000,
  async () => {
    await bundle();
    const answer = await openPage();
    expect(answer.error).toBeUndefined();
    const [{ nodes }] = answer.draws;
    expect(nodes).toBeGreaterThanOrEqual(300);
    expect(answer.boxes).toBeGreaterThanOrEqual(nodes);
    expect(answer.scripts.some((name) => /layoutWorker.*\.js$/.test(name))).toBe(true);
    // The best of three: other work on the machine slows some, a blocking layout slows all.
    const best = (values: readonly number[]) => Math.min(...values);
    expect(best(answer.draws.map(({ milliseconds }) => milliseconds))).toBeLessThan(3000);
    expect(best(answer.draws.map(({ longestGap }) => longestGap))).toBeLessThan(250);
  },
);
