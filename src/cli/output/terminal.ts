/** Where a command writes: data on stdout, progress and logs on stderr. */

import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

export interface TerminalOptions {
  /** Results as JSON instead of words. */
  readonly json?: boolean;
  /** No progress and no logs; errors stay. */
  readonly quiet?: boolean;
}

/** The two streams of a command and how to write to them. */
export class Terminal {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  /** Whether the cursor stands behind a progress bar. */
  #isLineOpen = false;

  constructor({ json = false, quiet = false }: TerminalOptions = {}) {
    this.isJson = json;
    this.isQuiet = quiet;
  }

  /** Whether a progress bar can be drawn, and would not mix with the data. */
  get hasLiveProgress(): boolean {
    const isMixed = this.isJson && process.stdout.isTTY === true;
    return (
      process.stderr.isTTY === true && !this.isQuiet && !isMixed && process.env.TERM !== "dumb"
    );
  }

  /** Columns of the terminal that progress goes to. */
  get columns(): number {
    return process.stderr.columns || 80;
  }

  /** A line of data, or several. */
  data(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  /** One line of JSON. */
  json(value: unknown): void {
    this.data(JSON.stringify(value));
  }

  /** A line for people who watch. */
  log(text: string): void {
    if (this.isQuiet) return;
    if (this.#isLineOpen) this.rewriteLine("");
    process.stderr.write(`${text}\n`);
  }

  /** Replaces the line that the cursor is on; the empty text clears it. */
  rewriteLine(text: string): void {
    process.stderr.write(`\r\u001b[2K${text}`);
    this.#isLineOpen = text !== "";
  }

  /** Colours data where stdout shows them; NO_COLOR turns it off. */
  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout });
  }

  /** Colours progress where stderr shows it. */
  paintLog(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stderr });
  }
}

/** A reader that stops early, as in `… | head`, is no error. */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}
