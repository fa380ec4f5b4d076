/** Tests of going on with a run on the command line: after Ctrl-C, after a kill, with more epochs. */

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonLines, run, start, temporaryFolder } from "./run.testing.ts";

const cwd = temporaryFolder();
const bytes = (...path: string[]) => readFileSync(join(cwd, ...path));
const metrics = (name: string) =>
  jsonLines(bytes(name, "metrics.jsonl").toString()).map(({ seconds: _, ...record }) => record);
const words = ["train", "digits", "--epochs", "12", "--quiet", "--checkpoint-every", "0.0001m"];

/** Ends a run by a signal when it has written some epochs. */
async function interrupted(name: string, signal: NodeJS.Signals) {
  const { child, finished } = start([...words, "--out", name], { cwd });
  const file = join(cwd, name, "metrics.jsonl");
  const state = join(cwd, name, "checkpoint.safetensors");
  const waiting = setInterval(() => {
    if (existsSync(state) && readFileSync(file, "utf8").split("\n").length > 3) {
      clearInterval(waiting);
      child.kill(signal);
    }
  }, 1);
  const result = await finished;
  clearInterval(waiting);
  return result;
}

const whole = run([...words, "--out", "whole"], { cwd });

test.for(["SIGINT", "SIGKILL"] as const)(
  "after %s a run goes on to the same bytes",
  async (signal) => {
    expect(await whole).toMatchObject({ code: 0 });
    expect(await interrupted(signal, signal)).toMatchObject({
      code: signal === "SIGINT" ? 130 : null,
    });
    expect(metrics(signal).length).toBeLessThan(12);
    const { code, out, err } = await run(["train", "--resume", signal, "--json"], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [first, ...rest] = jsonLines(out);
    expect(first.stepsDone).toBeGreaterThan(0);
    expect(rest.at(-1)).toMatchObject({ type: "end", epochs: 12, run: signal });
    for (const name of ["last", "best"]) {
      const file = [name, "weights.safetensors"];
      expect(bytes(signal, ...file).equals(bytes("whole", ...file)), name).toBe(true);
    }
    expect(metrics(signal)).toEqual(metrics("whole"));
    const { startedAt } = JSON.parse(bytes(signal, "environment.json").toString());
    expect(new Date(startedAt).getTime()).toBeLessThan(Date.now());
  },
);

test("a finished run goes on when it gets more epochs", async () => {
  await run(["train", "xor", "--epochs", "20", "--quiet"], { cwd });
  const { code, out } = await run(["train", "--resume=xor-seed0", "--epochs", "30"], { cwd });
  expect(code).toBe(0);
  expect(out).toMatch(/^Epochs +30 in /m);
  expect(metrics("runs/xor-seed0")).toHaveLength(30);
  expect(bytes("runs", "xor-seed0", "report.html").toString()).toContain(
    `npx chainrule train ${join("runs", "xor-seed0")} --epochs 30 --seed 0`,
  );
});

test("--log-every reports within epochs, with rows a second and the time left", async () => {
  const { err } = await run(["train", "digits", "--epochs", "1", "--log-every", "20"], { cwd });
  expect(err).toMatch(
    /^epoch 1\/1, step 20\/41 {2}loss [\d.]+ {2}[\d,.]+ rows\/s {2}[\d.]+ s left$/m,
  );
  expect(err).toMatch(/^epoch 1\/1 {2}loss .+ {2}[\d.]+ s {2}[\d,.]+ rows\/s$/m);
  const json = await run(["train", "digits", "--epochs", "1", "--log-every", "20", "--json"], {
    cwd,
  });
  expect(jsonLines(json.out).map(({ type }) => type)).toEqual([
    "start",
    "step",
    "step",
    "epoch",
    "end",
  ]);
});

test("what cannot be resumed is named", async () => {
  const fails = async (...rest: string[]) =>
    (await run(["train", ...rest, "--quiet"], { cwd })).err;
  await run(["train", "xor", "--epochs", "2", "--quiet", "--out", "short"], { cwd });
  expect(await fails()).toBe(
    "chainrule: train: expected an experiment, such as chainrule train iris, or --resume with a run, got neither.\n",
  );
  expect(await fails("xor", "--resume", "short")).toContain(
    '--resume short: a run goes on with its own experiment in its own folder, got "xor" as well; leave it out.',
  );
  const before = bytes("short", "config.json");
  expect(await fails("--resume", "short", "--seed", "4")).toContain(
    "--seed 4: a run goes on as it began, expected no change of seed; only epochs, backend, threads, data.dataDir may change with --resume.",
  );
  expect(bytes("short", "config.json").equals(before)).toBe(true);
  expect(await fails("xor", "--checkpoint-every", "often")).toContain(
    '--checkpoint-every: expected epochs, such as 5, or minutes, such as 10m, got "often".',
  );
  expect(await fails("xor", "--log-every", "0")).toContain(
    "--log-every: expected a whole number of steps from 1",
  );
  rmSync(join(cwd, "short", "checkpoint.safetensors"));
  expect(await fails("--resume", "short")).toContain(
    'Run "short": expected checkpoint.safetensors to go on from, found none: the run ended before its first save; chainrule train short begins it again.',
  );
});
