/** Checkpoints as files that are whole at every moment, in Node.js. */

import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { FileError } from "../util/index.ts";
import { decodeTrainingState, encodeTrainingState } from "./saving.ts";
import type { TrainingState } from "./state.ts";

/** Writes a state to a file. A process that is killed, or a machine that loses power, at any moment
 * leaves either the file as it was or the new one: the state goes to a temporary file beside it, to the
 * disk, and then takes the old one's name.
 *
 * @throws FileError when it cannot be written
 * @example
 * await train(net, data, { checkpoint: { save: (state) => saveCheckpoint("run.safetensors", state) } });
 */
export async function saveCheckpoint(path: string, state: TrainingState): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, "w");
    try {
      await file.writeFile(encodeTrainingState(state));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    throw new FileError(
      `Cannot save the checkpoint ${path}: ${(cause as Error).message}; ` +
        "is the disk full, or the folder read-only?",
      { cause },
    );
  }
}

/** Reads a state, to go on with it: `train(net, data, { resume: await loadCheckpoint(path) })`.
 *
 * @throws FileError when there is none, or it is not a checkpoint
 */
export async function loadCheckpoint(path: string): Promise<TrainingState> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new FileError(`Cannot read the checkpoint ${path}: ${(cause as Error).message}.`, {
      cause,
    });
  }
  return decodeTrainingState(bytes, path);
}

/** Makes a rename last through a loss of power; not every system can. */
async function syncFolder(path: string): Promise<void> {
  const unsupported = ["EPERM", "EISDIR", "EINVAL", "EACCES", "EBADF"];
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!unsupported.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
