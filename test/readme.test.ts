/** Runs what the README shows. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const readme = readFileSync(join(root, "README.md"), "utf8");
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
const source = pathToFileURL(join(root, "src", "index.ts")).href;

test.each(examples.map((code, i) => [i + 1, code] as const))("example %i runs", (i, code) => {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-readme-"));
  try {
    const file = join(folder, `example${i}.ts`);
    writeFileSync(file, code.replaceAll('"chainrule"', JSON.stringify(source)));
    const { status, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every file that the README names exists", () => {
  const names = [...readme.matchAll(/\]\(([^)#:]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
    ([, link, image]) => link ?? image,
  );
  for (const name of names) expect(() => readFileSync(join(root, name)), name).not.toThrow();
});
