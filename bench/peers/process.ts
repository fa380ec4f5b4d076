/** A peer's process: it answers each line of JSON on its standard input with one on its standard output. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { commandOf } from "./systems.ts";

/** What a peer is asked. */
export type Request =
  | { readonly command: "prepare"; readonly [name: string]: unknown }
  | { readonly command: "measure"; readonly seconds: number };

/** What it answers. */
export interface Answer {
  readonly error?: string;
  readonly version?: string;
  /** Of the first step after the one that compiles, or of a measurement. */
  readonly usPerStep?: number;
}

export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: Answer) => void)[] = [];
  #errors = "";
  #ended: string | undefined;

  constructor({ command, args, env }: ReturnType<typeof commandOf>) {
    this.#child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    createInterface({ input: this.#child.stdout! }).on("line", (line) => {
      // Libraries print now and then; answers are objects.
      if (line.startsWith("{")) this.#waiting.shift()?.(JSON.parse(line) as Answer);
    });
    this.#child.stderr!.on("data", (text) => {
      this.#errors = (this.#errors + text).slice(-4000);
    });
    this.#child.on("error", (error) => this.#end(error.message));
    this.#child.on("close", (code) => {
      const last = this.#errors.trim().split("\n").at(-1);
      this.#end(`ended with code ${code}${last ? `: ${last}` : ""}`);
    });
    this.#child.stdin!.on("error", () => {});
  }

  get isAlive(): boolean {
    return this.#ended === undefined;
  }

  /** The answer, or an error after `seconds`; a process that is late is stopped. */
  ask(request: Request, seconds: number): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.resolve({ error: this.#ended });
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#end(`took more than ${seconds} s`);
        this.#child.kill("SIGKILL");
      }, seconds * 1000);
      this.#waiting.push((answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    });
  }

  close(): void {
    this.#child.stdin!.end();
    this.#child.kill();
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    for (const answer of this.#waiting.splice(0)) answer({ error: this.#ended });
  }
}
