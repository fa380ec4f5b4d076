/** Files with blocks that runs write: docs/performance.md consists of them, the README holds one. */

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";

/** In their order on the page. */
const blocks = ["peers", "engines"] as const;

export type Block = (typeof blocks)[number];

const opening = (name: Block) => `<!-- ${name}: written by npm run bench -- --${name} -->`;
const closing = (name: Block) => `<!-- end of ${name} -->`;

/** Replaces one block of the page, or begins the page with it; the others stay. Others who read see the page
 * before or after, never a part. */
export function writeBlock(path: string, name: Block, text: string): void {
  const page = existsSync(path) ? readFileSync(path, "utf8") : "";
  const parts = blocks.flatMap((block) => {
    const content = block === name ? text : blockIn(page, block);
    return content === undefined ? [] : [`${opening(block)}\n\n${content}\n\n${closing(block)}`];
  });
  writeWhole(path, `# Performance\n\n${parts.join("\n\n")}\n`);
}

const summaryOpening = "<!-- summary: written by npm run bench -- --peers -->";
const summaryClosing = "<!-- end of summary -->";

/** Replaces the block of a file that holds the summary of a run; all around it stays. */
export function writeSummary(path: string, text: string): void {
  const page = readFileSync(path, "utf8");
  const start = page.indexOf(summaryOpening);
  const end = page.indexOf(summaryClosing);
  if (start < 0 || end < start) return;
  const before = page.slice(0, start + summaryOpening.length);
  writeWhole(path, `${before}\n\n${text}\n\n${page.slice(end)}`);
}

function writeWhole(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

function blockIn(page: string, name: Block): string | undefined {
  const start = page.indexOf(opening(name));
  const end = page.indexOf(closing(name));
  return start < 0 || end < start
    ? undefined
    : page.slice(start + opening(name).length, end).trim();
}

/** A paragraph that marks what a run has written so far, until it is done. */
export function progressNote({ done, all }: { readonly done: number; readonly all: number }) {
  return done === all
    ? []
    : [
        `**Unfinished: this run has measured ${done} of ${all} comparisons; the others are missing.**`,
      ];
}
