/** Our measurements inside of one engine: it answers each line of JSON on its standard input with one on its
 * standard output, as the peers' programs do. */

import { createInterface } from "node:readline";
import { setFlagsFromString } from "node:v8";
import type { Mode } from "../../src/backend/index.ts";
import type { FloatDType } from "../../src/ir/index.ts";
import type { ReadyCase } from "../ours.ts";
import type { FunctionWorkload, TrainingWorkload } from "../workloads.ts";

/** Makes a workload ready, after which it is measured as often as one likes. */
interface Prepare {
  readonly command: "prepare";
  readonly workload: TrainingWorkload | FunctionWorkload;
  readonly mode: Mode;
  readonly dtype: FloatDType;
  readonly threads: number;
}

interface Measure {
  readonly command: "measure";
  readonly seconds: number;
}

// Version 20 has relaxed vectors behind a flag, which must be set before the first WebAssembly.
if (process.versions.node.startsWith("20.")) {
  setFlagsFromString("--experimental-wasm-relaxed-simd");
}
const { prepare } = await import("../ours.ts");

let ready: ReadyCase | undefined;

async function answer(request: Prepare | Measure): Promise<object> {
  if (request.command === "prepare") {
    const { workload, mode, threads, dtype } = request;
    ready = await prepare({ workload, mode, threads, dtype }, 0.5);
    return {};
  }
  return ready!.measure(request.seconds).measurement;
}

for await (const line of createInterface({ input: process.stdin })) {
  let text: object;
  try {
    text = await answer(JSON.parse(line));
  } catch (error) {
    text = { error: String((error as Error).message).split("\n")[0] };
  }
  console.log(JSON.stringify(text));
}
