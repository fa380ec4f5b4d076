import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { describeNetwork, layers, network, tensor } from "../../src/index.ts";
import { lossOfBatch } from "../../src/nn/index.ts";
import { networkFrom } from "../../src/nn/saving.ts";
import { ripple } from "./activation.ts";
import { radial } from "./layer.ts";
import { quantile } from "./loss.ts";
import { shareWithin } from "./metric.ts";
import { fading } from "./schedule.ts";

const parts = ["layer", "activation", "loss", "optimizer", "schedule", "metric"];
const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const asPublished = (name: string) =>
  read(`${name}.ts`)
    .replace('"../../src/index.ts"', '"chainrule"')
    .replace('"../../src/checks/index.ts"', '"chainrule/checks"');

describe("the guide", () => {
  const guide = read("../../docs/guides/own-parts.md");

  test.each([...parts, "together"])("shows %s.ts as it is", (name) => {
    expect(guide).toContain(`\`\`\`ts\n${asPublished(name)}\`\`\``);
  });

  test.each(parts)("needs under 20 lines for %s.ts", (name) => {
    expect(read(`${name}.ts`).trimEnd().split("\n").length).toBeLessThan(20);
  });
});

test("all parts at work learn the sine and pass their checks", async () => {
  const { share } = await import("./together.ts");
  expect(share).toBeGreaterThan(0.95);
});

test("the layer and the activation come back from a description", async () => {
  const net = network({ input: [2], layers: [radial({ units: 3 }), ripple({}), layers.linear(1)] });
  const again = networkFrom(JSON.parse(JSON.stringify(describeNetwork(net))), [radial, ripple]);
  const x = Float64Array.of(0.5, -1);
  expect((await again.predict(x)).data).toEqual((await net.predict(x)).data);
});

test("the quantile loss is least at the quantile", () => {
  const targets = tensor([1, 2, 3, 4, 100], { dtype: "float64" });
  const at = (value: number) =>
    lossOfBatch(
      quantile(0.5),
      tensor([[value], [value], [value], [value], [value]], { dtype: "float64" }),
      targets,
    ).item();
  expect(at(3)).toBeLessThan(Math.min(at(2.5), at(3.5), at(22)));
});

test("the schedule falls to a hundredth, the metric counts", () => {
  const position = { epoch: 1, stepsPerEpoch: 1, totalSteps: 100, base: 2, history: [] };
  expect(fading({ ...position, step: 1 })).toBe(2);
  expect(fading({ ...position, step: 101 })).toBeCloseTo(0.02, 12);
  expect(shareWithin([1, 2, 3, 4], [1.1, 2, 4, 0], 0.2)).toBe(0.5);
});
