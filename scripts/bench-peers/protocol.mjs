/** What the JavaScript peers share: requests as lines of JSON, the data files, and the timing of blocks. */

import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** The peer cannot run a workload; the message says why. */
export class Unsupported extends Error {}

/** The rows of a training workload. */
export function loadRows({ x, y }) {
  return { x: floats(x), y: new Int32Array(bytes(y)) };
}

/** The arrays of a function workload. */
export function loadArguments({ arguments: paths }) {
  return paths.map(floats);
}

function floats(path) {
  return new Float32Array(bytes(path));
}

function bytes(path) {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return buffer.slice(byteOffset, byteOffset + byteLength);
}

/** The first rows of a workload as whole batches, at most `most` of them: { x, y, size }. */
export function batchesOf(spec, most = 16) {
  const { x, y } = loadRows(spec);
  const { batchSize: size } = spec.workload;
  const width = x.length / y.length;
  const count = Math.min(most, Math.floor(y.length / size));
  return Array.from({ length: count }, (_, i) => ({
    x: x.slice(i * size * width, (i + 1) * size * width),
    y: y.slice(i * size, (i + 1) * size),
    size,
  }));
}

/** Answers requests. `prepare(spec)` gives a function that does a number of steps and returns (a promise)
 * when they are done. */
export async function serve(version, prepare) {
  let run;
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    let answer;
    try {
      if (request.command === "prepare") {
        run = await prepare(request);
        answer = { version, usPerStep: await warmUp(run) };
      } else {
        answer = { usPerStep: await measure(run, request.seconds) };
      }
    } catch (error) {
      const text = `${error?.message ?? error}`.split("\n")[0];
      answer = { error: error instanceof Unsupported ? text : `${error?.name}: ${text}` };
    }
    console.log(JSON.stringify(answer));
  }
}

/** Milliseconds a step. */
async function timed(run, steps) {
  const start = performance.now();
  await run(steps);
  return (performance.now() - start) / steps;
}

/** Runs for a while. Returns microseconds of a step. */
async function warmUp(run) {
  let once = await timed(run, 1);
  if (once > 2000) return once * 1000;
  const end = performance.now() + 1000;
  do once = await timed(run, 1);
  while (performance.now() < end);
  return once * 1000;
}

/** The median of blocks of about 10 ms, in microseconds a step. */
async function measure(run, seconds) {
  const steps = Math.max(1, Math.round(10 / Math.max(await timed(run, 1), 1e-4)));
  const blocks = [];
  const end = performance.now() + seconds * 1000;
  while (blocks.length === 0 || performance.now() < end) blocks.push(await timed(run, steps));
  blocks.sort((a, b) => a - b);
  return blocks[blocks.length >> 1] * 1000;
}
