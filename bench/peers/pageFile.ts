/** docs/performance.md as a file of blocks, each replaced by the run that measures it. */

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
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `# Performance\n\n${parts.join("\n\n")}\n`);
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
