/** Runs the command line in a process of its own, as users do. */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const main = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");

/** What a finished command leaves. */
export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Starts a command; its output is kept as it comes. */
export function start(words: readonly string[], { cwd, env = {}, input }: RunOptions) {
  const child = spawn(process.execPath, [main, ...words], {
    cwd,
    env: { ...withoutSettings(process.env), NO_COLOR: "1", ...env },
  });
  const kept = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    kept.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    kept.err += text;
  });
  child.stdin.end(input);
  return { child, kept, finished: finish(child, kept) };
}

/** Runs a command to its end. */
export function run(words: readonly string[], options: RunOptions): Promise<Finished> {
  return start(words, options).finished;
}

function finish(child: ChildProcess, kept: { out: string; err: string }): Promise<Finished> {
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...kept }));
  });
}

function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(CHAINRULE_|FORCE_COLOR)/.test(name)),
  );
}

/** A folder for the tests of a file, removed in the end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file into a folder; returns its name. */
export function file(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

/** The lines of JSON Lines as objects. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}
