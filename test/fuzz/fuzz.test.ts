/** Random graphs on every backend against the reference, and the fuzzer's own ability to fail. */

import { expect, test } from "vitest";
import { referenceBackend } from "../../src/backend/reference/index.ts";
import {
  build,
  isFloat,
  type Op,
  printGraph,
  rewrite,
  topologicalOrder,
  verify,
} from "../../src/ir/index.ts";
import { candidates } from "./candidates.ts";
import { retyped } from "./randomGraph.ts";
import { type Candidate, fuzz, graphOf } from "./run.ts";
import { steps } from "./steps.ts";

test("300 random graphs agree with the reference, values and gradients", () => {
  const failures = [...fuzz(candidates(), { graphs: 300, seed: 1 })].filter(
    (failure) => failure !== undefined,
  );
  expect(failures.length, failures.slice(0, 3).join("\n\n")).toBe(0);
});

test("graphs are valid, of 5 to 60 ops and more, and together use every op", () => {
  const seen = new Set<Op>();
  for (let seed = 1; seed <= 100; seed++) {
    const graph = graphOf(seed);
    verify(graph.outputs);
    const nodes = topologicalOrder(graph.outputs);
    expect(nodes.filter(({ op }) => op !== "input").length).toBeGreaterThanOrEqual(1);
    for (const { op } of nodes) seen.add(op);
  }
  expect(Object.keys(steps).filter((op) => !seen.has(op as Op))).toEqual([]);
});

test("a seed gives the same graph every time, and retyping changes nothing but the floats", () => {
  expect(printGraph(graphOf(7).outputs)).toBe(printGraph(graphOf(7).outputs));
  const narrow = retyped(graphOf(7), "float32");
  verify(narrow.outputs);
  const dtypes = new Set(topologicalOrder(narrow.outputs).map(({ dtype }) => dtype));
  expect([...dtypes].filter(isFloat)).toEqual(["float32"]);
});

test("a backend with a wrong op is caught, with the smallest graph that shows it", () => {
  const reference = referenceBackend();
  // erf is off by 1 in 10,000.
  const wrong: Candidate = {
    name: "wrong",
    dtype: "float32",
    backend: {
      name: "wrong",
      compile(programs) {
        const [program] = programs;
        const outputs = rewrite(program.outputs, (node) =>
          node.op === "erf" ? build.mul(node, build.fullLike(1.0001, node)) : node,
        );
        const executable = reference.compile([{ ...program, outputs }]);
        const stands = new Map(program.outputs.map((output, i) => [output, outputs[i]]));
        return {
          size: executable.size,
          write: (input, data) => executable.write(input, data),
          fill: (input, put) => executable.fill(input, put),
          run: (name, times) => executable.run(name, times),
          read: (node) => executable.read(stands.get(node) ?? node),
          dispose: () => executable.dispose(),
        };
      },
    },
  };
  const [failure] = [...fuzz([wrong], { graphs: 30, seed: 1 })].filter(
    (text) => text !== undefined,
  );
  expect(failure).toMatch(/seed \d+, wrong in float32: output 0 \(erf\) is/);
  expect(failure).toMatch(/%\d+ = erf\(%\d+\) float32.*\nreturn %\d+$/);
});
