/** The folder that a run leaves behind: made before training, filled as it goes. */

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { saveNetwork } from "../../nn/index.node.ts";
import type { Network } from "../../nn/index.ts";
import { FileError, InternalError } from "../../util/index.ts";

/** The files of a run, in the order in which they are written. */
export const runFiles = {
  config: "config.json",
  environment: "environment.json",
  preprocessing: "preprocessing.json",
  metrics: "metrics.jsonl",
  checkpoint: "checkpoint.safetensors",
  best: "best",
  last: "last",
  test: "test.json",
  report: "report.html",
} as const;

export class RunFolder {
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;

  private constructor(path: string) {
    this.path = path;
    this.name = basename(path);
  }

  /** Makes exactly this folder; the files of an earlier run in it are replaced.
   *
   * @throws FileError when it cannot be written, or holds other things than a run
   */
  static at(path: string): RunFolder {
    return writable(path, () => {
      mkdirSync(path, { recursive: true });
      const entries = readdirSync(path);
      if (entries.length > 0 && !entries.includes(runFiles.config)) {
        throw new FileError(
          `--out ${path}: expected a new or empty folder, or one of an earlier run, got one with other files; choose another.`,
        );
      }
      for (const file of Object.values(runFiles)) {
        rmSync(join(path, file), { recursive: true, force: true });
      }
      const probe = join(path, runFiles.metrics);
      writeFileSync(probe, "");
      return new RunFolder(path);
    });
  }

  /** Makes a new folder in `parent`, of this name or with a number behind it.
   *
   * @throws FileError when it cannot be written
   */
  static in(parent: string, name: string): RunFolder {
    return writable(parent, () => {
      mkdirSync(parent, { recursive: true });
      for (let number = 1; ; number++) {
        const path = join(parent, number === 1 ? name : `${name}-${number}`);
        if (made(path)) return new RunFolder(path);
      }
    });
  }

  /** The folder of a run that goes on: the metrics after its last save are forgotten.
   *
   * @param epochs epochs done at the last save
   * @throws FileError when it cannot be written
   */
  static again(path: string, epochs: number): RunFolder {
    const folder = new RunFolder(path);
    return writable(path, () => {
      const file = folder.file("metrics");
      const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
      writeFileSync(
        file,
        lines
          .slice(0, epochs)
          .map((line) => `${line}\n`)
          .join(""),
      );
      return folder;
    });
  }

  file(name: keyof typeof runFiles): string {
    return join(this.path, runFiles[name]);
  }

  writeJson(name: "config" | "environment" | "preprocessing" | "test", value: unknown): void {
    this.writeText(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  writeText(name: keyof typeof runFiles, text: string): void {
    writable(this.path, () => writeFileSync(this.file(name), text));
  }

  /** Adds one line to the metrics: an epoch. */
  appendMetrics(record: unknown): void {
    writable(this.path, () => appendFileSync(this.file("metrics"), `${JSON.stringify(record)}\n`));
  }

  async saveNetwork(name: "best" | "last", net: Network): Promise<void> {
    await saveNetwork(net, this.file(name));
  }
}

/** Makes a folder unless there is one. */
function made(path: string): boolean {
  if (existsSync(path)) return false;
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    // Another run may have taken the name in between.
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function writable<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (cause instanceof FileError) throw cause;
    throw new FileError(
      `Cannot write the run to ${path}: ${reasonOf(cause)}; choose another folder with --out.`,
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === undefined) throw new InternalError("Writing a run failed.", { cause });
  const reasons: Readonly<Record<string, string>> = {
    EACCES: "no permission",
    EPERM: "no permission",
    EROFS: "the file system is read-only",
    ENOSPC: "the disk is full",
    ENOTDIR: "a part of the path is a file",
    EEXIST: "there is a file of this name",
    ENOENT: "there is no such place",
  };
  return `${reasons[code] ?? (cause as Error).message} (${code})`;
}
