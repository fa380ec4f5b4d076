/** Runs experiments on MNIST as users do: the command line, in a process of its own. */

import { join } from "node:path";
import { expect } from "vitest";
import { run, temporaryFolder } from "../cli/run.testing.ts";
import { dataDir } from "./files.testing.ts";

const folder = temporaryFolder();

/** What a run says in the end, its last epoch, and what it took. */
export interface Trained {
  readonly test: number;
  readonly train: number;
  readonly validation: number | undefined;
  /** The most memory that the process held, in bytes. */
  readonly memory: number;
}

/** Has a process say at its end how many kilobytes it held at most. */
const sayMemory =
  "--import=data:text/javascript," +
  "process.on('exit',()=>console.error('memory:'+process.resourceUsage().maxRSS))";

/** The accuracies of `chainrule train NAME --seed SEED`. */
export async function trained(name: string, seed: number): Promise<Trained> {
  const words = ["train", name, "--seed", String(seed), "--json"];
  const place = ["--out", join(folder, `${name}-${seed}`)];
  const files = dataDir === undefined ? [] : ["--data-dir", dataDir];
  const { code, out, err } = await run([...words, ...place, ...files], {
    cwd: folder,
    env: { NODE_OPTIONS: sayMemory },
  });
  expect(code, err).toBe(0);
  const lines = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const last = lines.findLast(({ type }) => type === "epoch");
  return {
    test: lines.at(-1).test.accuracy,
    train: last.train.accuracy,
    validation: last.validation?.accuracy,
    // Its worker threads say the same.
    memory: 1024 * Number(/^memory:(\d+)$/m.exec(err)![1]),
  };
}
