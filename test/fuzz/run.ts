/** A run of the fuzzer: so many seeded graphs, each compared on every candidate. */

import type { Backend } from "../../src/backend/interface.ts";
import { referenceBackend } from "../../src/backend/reference/index.ts";
import type { FloatDType } from "../../src/ir/index.ts";
import { Generator } from "../../src/util/index.ts";
import {
  answers,
  compareBackends,
  type Difference,
  describeFailure,
  smallestFailure,
} from "./compareBackends.ts";
import { largestMagnitudeOf } from "./pool.ts";
import { type RandomGraph, randomGraph, retyped } from "./randomGraph.ts";

/** What is compared with the reference. */
export interface Candidate {
  readonly name: string;
  readonly dtype: FloatDType;
  readonly backend: Backend;
}

/** The graph of a seed: 5 to 60 ops. */
export function graphOf(seed: number): RandomGraph {
  const generator = new Generator(seed).fork("graph");
  return randomGraph(generator, { nodes: 5 + generator.integer(56), dtype: "float64" });
}

/** Every failure as text, in the order of seeds; seeds count from `seed`. */
export function* fuzz(
  candidates: readonly Candidate[],
  { graphs, seed }: { readonly graphs: number; readonly seed: number },
): IterableIterator<string | undefined> {
  for (let i = 0; i < graphs; i++) {
    const graph = graphOf(seed + i);
    yield failureOf(candidates, graph, seed + i);
  }
}

function failureOf(
  candidates: readonly Candidate[],
  graph: RandomGraph,
  seed: number,
): string | undefined {
  const problem = selfCheck(graph);
  if (problem !== undefined) return `seed ${seed}: ${problem}`;
  for (const { name, dtype, backend } of candidates) {
    const title = `seed ${seed}, ${name} in ${dtype}`;
    const check = (some: RandomGraph): Difference | Error | undefined => {
      try {
        return compareBackends(backend, some, dtype);
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    };
    const problem = check(graph);
    if (problem === undefined) continue;
    const smallest = smallestFailure({ graph, problem }, check);
    return describeFailure(title, retyped(smallest.graph, dtype), smallest.problem);
  }
  return undefined;
}

/** A graph is fit for comparison when float32 agrees with float64 to some three digits of the largest
 * number; more than that is lost only where a kink or a pole is too near, or a rule is wrong in one
 * precision. */
const selfCheckTolerance = 2 ** -10;

function selfCheck(graph: RandomGraph): string | undefined {
  const narrow = answers(referenceBackend(), retyped(graph, "float32"));
  const wide = answers(referenceBackend(), retyped(graph, "float64"));
  const scale = Math.max(1, ...wide.map(largestMagnitudeOf));
  for (const [i, data] of wide.entries()) {
    for (let j = 0; j < data.length; j++) {
      if (!(Math.abs(data[j] - narrow[i][j]) <= selfCheckTolerance * scale)) {
        return `answer ${i} of the reference is ${narrow[i][j]} in float32, ${data[j]} in float64`;
      }
    }
  }
  return undefined;
}
