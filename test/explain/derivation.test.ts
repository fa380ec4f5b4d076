/** Derivations against reverse mode: every gradient line of forty networks, of networks made with the
 * functional API, and of maxima of equal elements, online and batch. */

import { describe, expect, test } from "vitest";
import { gradients } from "../../src/autograd/index.ts";
import { evaluate } from "../../src/backend/reference/index.ts";
import { largestDifference } from "../../src/explain/derive/evaluate.ts";
import { takesValues } from "../../src/explain/derive/losses/index.ts";
import { checkSteps, derive, evaluateDerivation } from "../../src/explain/index.ts";
import type { NumberArray } from "../../src/explain/math/index.ts";
import { traceNetwork } from "../../src/explain/trace.ts";
import { currentWeights } from "../../src/explain/worked.ts";
import { build, type InputNode, sizeOf, type TensorData } from "../../src/ir/index.ts";
import { Generator } from "../../src/util/index.ts";
import { graphCases } from "./graphNetworks.ts";
import { type ExplainedCase, explainedCases } from "./networks.ts";
import { tiedCases } from "./tiedNetworks.ts";

// Sums in another order: some 1e-15 in float64; the issue asks for 1e-9.
const tolerance = 1e-9;

function targetsOf(loss: ExplainedCase["loss"], rows: number, width: number, generator: Generator) {
  const isClass = loss.kind === "crossEntropy" || loss.kind === "nll";
  if (isClass) {
    const classes = Array.from({ length: rows }, () => generator.integer(width));
    if (!takesValues(loss)) return { values: classes, isIndex: true };
    return {
      values: classes.flatMap((label) =>
        Array.from({ length: width }, (_, i) => (i === label ? 1 : 0)),
      ),
      isIndex: false,
    };
  }
  const draw = () =>
    loss.kind === "binaryCrossEntropy" ? generator.integer(2) : generator.normal();
  return { values: Array.from({ length: rows * width }, draw), isIndex: false };
}

function compare(one: ExplainedCase, mode: "online" | "batch") {
  const generator = new Generator(11).fork(`${one.name} ${mode}`);
  const net = one.make();
  const rows = mode === "batch" ? 3 : 1;
  const derivation = derive(net, { loss: one.loss, mode, batchSize: rows });
  const width = sizeOf(net.outputShape);
  const target = targetsOf(one.loss, rows, width, generator);
  const traced = traceNetwork(
    net,
    one.loss,
    rows,
    target.isIndex
      ? { shape: [rows], dtype: "int32" }
      : { shape: [rows, ...net.outputShape], dtype: "float64" },
    derivation.training,
  );
  const weights = currentWeights(net);
  for (const [path, { data }] of weights) {
    // State keeps its values: a variance must not turn negative.
    if (traced.trained.has(path) && !one.isUnchanged)
      data.forEach((w, i) => {
        data[i] = w + 0.3 * generator.normal();
      });
  }
  const x = Float64Array.from({ length: sizeOf(traced.x.shape) }, () =>
    one.tokens === undefined ? generator.normal() : generator.integer(one.tokens),
  );
  const y = Float64Array.from(target.values);
  const given = new Map<string, NumberArray>([
    ...weights,
    ["x", { shape: derivation.input.shape, data: x }],
    ["y", { shape: derivation.target.shape, data: y }],
  ]);
  const values = evaluateDerivation(derivation, given);
  const wrt = [...traced.trained].map((path) => traced.parameters.get(path)!);
  const reverse = gradients(
    [{ output: traced.loss, gradient: build.fullLike(1, traced.loss) }],
    wrt,
  );
  const bindings = new Map<InputNode, TensorData>([
    [traced.x, x],
    [traced.y, target.isIndex ? Int32Array.from(y) : y],
    ...[...traced.parameters].map(([path, node]) => [node, weights.get(path)!.data] as const),
  ]);
  const [loss, ...expected] = evaluate([traced.loss, ...reverse], bindings);
  expect(values.get("C")!.data[0]).toBeCloseTo(loss[0], 12);
  wrt.forEach((node, i) => {
    const own = values.get(`∂C/∂${node.attributes.name}`)!;
    const difference = largestDifference(own, {
      shape: node.shape,
      data: Float64Array.from(expected[i]),
    });
    expect(difference, node.attributes.name).toBeLessThan(tolerance);
  });
  expect(wrt.length).toBe(derivation.parameters.length);
  return { derivation, values };
}

test("there are forty networks", () => expect(explainedCases.length).toBe(40));

describe.each(["online", "batch"] as const)("%s", (mode) => {
  test.each([...explainedCases, ...graphCases, ...tiedCases])(
    "$name: gradients and steps",
    (one) => {
      const { derivation, values } = compare(one, mode);
      const differing = checkSteps(derivation, values, tolerance).map(({ key, largest }) => ({
        key,
        largest,
      }));
      expect(differing).toEqual([]);
    },
  );
});
