/** A training process is killed at twenty random moments and goes on each time: the weights are, byte for
 * byte, those of a run that nobody disturbed. */

import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Generator } from "../../src/util/index.ts";
import { runIn } from "./run.testing.ts";

const kills = 20;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chainrule-kill-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the process; kills it `delay` milliseconds after its first state of this life, if told. */
function live(where: string, delay?: number): Promise<"ended" | "killed"> {
  const script = join(import.meta.dirname, "run.testing.ts");
  const state = join(where, "state.safetensors");
  const before = existsSync(state) ? readFileSync(state) : undefined;
  const child = spawn(process.execPath, [script, where], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  let timer: NodeJS.Timeout | undefined;
  const waiting = setInterval(() => {
    const hasBegun = existsSync(state) && !(before && readFileSync(state).equals(before));
    if (!hasBegun) return;
    clearInterval(waiting);
    if (delay !== undefined) timer = setTimeout(() => child.kill("SIGKILL"), delay);
  }, 2);
  return new Promise((resolve, reject) => {
    child.on("exit", (code, signal) => {
      clearInterval(waiting);
      clearTimeout(timer);
      if (signal === "SIGKILL") resolve("killed");
      else if (code === 0) resolve("ended");
      else reject(new Error(`the process ended with code ${code}`));
    });
  });
}

test("killed at 20 random moments, the run ends with the same bytes", {
  timeout: 120_000,
}, async () => {
  const generator = new Generator(3);
  let killed = 0;
  while (killed < kills) {
    if ((await live(folder, 60 * generator.uniform())) === "ended") break;
    killed++;
  }
  expect(killed).toBe(kills);
  expect(existsSync(join(folder, "weights.safetensors"))).toBe(false);
  expect(await live(folder)).toBe("ended");

  const undisturbed = mkdtempSync(join(folder, "undisturbed-"));
  await runIn(undisturbed);
  for (const file of ["weights.safetensors", "history.json"]) {
    const [expected, got] = [undisturbed, folder].map((path) => readFileSync(join(path, file)));
    expect(got.equals(expected), file).toBe(true);
  }
});
