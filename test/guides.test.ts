/** Runs what the guides show. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const folder = join(root, "docs", "guides");
const guides = readdirSync(folder).filter((name) => name.endsWith(".md"));

const { exports: entries } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Where the source of a package entry is: `chainrule/nn` is src/nn/index.ts. */
function sourceOf(entry: string): string {
  const built: string = entries[entry.replace("chainrule", ".")].default;
  const path = join(root, built.replace("./dist/", "").replace(/\.js$/, ".ts"));
  return JSON.stringify(pathToFileURL(path).href);
}

/** A file beside the example that a guide shows: examples/own-parts/activation.ts for own-parts.md. */
function exampleOf(guide: string, name: string): string {
  const path = join(root, "examples", guide.replace(/\.md$/, ""), name);
  return JSON.stringify(pathToFileURL(path).href);
}

describe.each(guides)("%s", (guide) => {
  const text = readFileSync(join(folder, guide), "utf8");
  const examples = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);

  test.each(examples.map((code, i) => [i + 1, code] as const))("example %i runs", (i, code) => {
    const place = mkdtempSync(join(tmpdir(), "chainrule-guide-"));
    try {
      const file = join(place, `example${i}.ts`);
      writeFileSync(
        file,
        code
          .replaceAll(/(?<=from )"(chainrule[\w/]*)"/g, (_, entry) => sourceOf(entry))
          .replaceAll(/(?<=from )"\.\/([\w-]+\.ts)"/g, (_, name) => exampleOf(guide, name)),
      );
      const { status, stderr } = spawnSync(process.execPath, [file], {
        encoding: "utf8",
        cwd: place,
      });
      expect(stderr).toBe("");
      expect(status).toBe(0);
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  test("every file that it names exists", () => {
    for (const [, link] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      expect(existsSync(join(folder, link)), link).toBe(true);
    }
  });
});
