/** When a run saves its state, and the run that goes on from it. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadCheckpoint } from "../../train/index.node.ts";
import type { CheckpointOptions, TrainingState } from "../../train/index.ts";
import { FileError, UsageError } from "../../util/index.ts";
import { runFiles } from "./runFolder.ts";

/** Between two saves, unless told: often enough to lose little, rarely enough to cost nothing. */
const usual = "1m";

/** The value of --checkpoint-every: epochs, or minutes with an m.
 *
 * @throws UsageError for anything else
 * @example
 * checkpointInterval("5"); // { epochs: 5 }
 * checkpointInterval("10m"); // { minutes: 10 }
 */
export function checkpointInterval(text = usual): NonNullable<CheckpointOptions["every"]> {
  const match = /^(\d+|\d*\.\d+)(m|min)?$/.exec(text.trim());
  const count = Number(match?.[1]);
  if (match?.[2] !== undefined && count > 0) return { minutes: count };
  if (match !== null && match[2] === undefined && Number.isInteger(count) && count > 0) {
    return { epochs: count };
  }
  throw new UsageError(
    `--checkpoint-every: expected epochs, such as 5, or minutes, such as 10m, got "${text}".`,
  );
}

/** The state that a run saved last.
 *
 * @param run the run's folder
 * @throws FileError when there is none
 */
export async function savedState(run: string): Promise<TrainingState> {
  const path = join(run, runFiles.checkpoint);
  if (!existsSync(path)) {
    throw new FileError(
      `Run "${run}": expected ${runFiles.checkpoint} to go on from, found none: the run ended before ` +
        `its first save; chainrule train ${run} begins it again.`,
    );
  }
  return loadCheckpoint(path);
}

/** When a run first began, as its folder tells. */
export function firstStart(run: string): string | undefined {
  try {
    const { startedAt } = JSON.parse(readFileSync(join(run, runFiles.environment), "utf8"));
    return typeof startedAt === "string" ? startedAt : undefined;
  } catch {
    return undefined;
  }
}
