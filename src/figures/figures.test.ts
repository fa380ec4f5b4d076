/** What every figure promises: well-formed SVG in both themes, words, numbers, nothing from outside. */

import { describe, expect, test } from "vitest";
import {
  confusionMatrix,
  decisionBoundary,
  type EpochRecord,
  type Figure,
  learningCurves,
  learningRateCurve,
  paletteOf,
  predictedVersusTrue,
  renderSvg,
  rocCurves,
} from "./index.ts";

const hostile = `<script>alert("&")</script>`;

function history(length: number): EpochRecord[] {
  return Array.from({ length }, (_, i) => {
    const decay = Math.exp((-5 * i) / length);
    return {
      epoch: i + 1,
      train: { loss: 1.1 * decay + 0.05, accuracy: 1 - 0.6 * decay },
      validation: { loss: 1.1 * decay + 0.1 + (0.2 * i) / length, accuracy: 0.97 - 0.6 * decay },
    };
  });
}

/** Two spirals on a 200 × 200 grid, from a formula. */
function spirals() {
  const size = 200;
  const scores = new Float32Array(size * size * 2);
  const at = (i: number) => -7 + (14 * i) / (size - 1);
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      const wave = Math.cos(Math.atan2(at(j), at(i)) - 2 * Math.hypot(at(i), at(j)));
      const outer = 1 / (1 + Math.exp(6 * wave));
      scores.set([1 - outer, outer], (j * size + i) * 2);
    }
  }
  const points = Array.from({ length: 194 }, (_, i) => {
    const radius = 0.5 + (6 * i) / 194;
    const angle = 2 * radius + (i % 2) * Math.PI;
    return {
      x: radius * Math.cos(angle),
      y: radius * Math.sin(angle),
      class: i % 2,
      split: i % 5 === 0 ? ("test" as const) : ("train" as const),
    };
  });
  return decisionBoundary({
    xRange: [-7, 7],
    yRange: [-7, 7],
    gridWidth: size,
    gridHeight: size,
    scores,
    points,
    classNames: ["inner", hostile],
    featureNames: ["x", "y"],
  });
}

const names20 = Array.from({ length: 20 }, (_, i) => `class number ${i}`);

const gallery: Readonly<Record<string, { figure: Figure; labels: readonly string[] }>> = {
  "learning curves, 100 epochs": {
    figure: learningCurves({ epochs: history(100) }),
    labels: ["Loss", "Accuracy", "train 0.0578", "epoch", "100%"],
  },
  "learning curves, 1000 epochs": {
    figure: learningCurves({ epochs: history(1000) }),
    labels: ["validation 0.307", "1000"],
  },
  "learning curves, one epoch": {
    figure: learningCurves({ epochs: history(1) }),
    labels: ["train 1.15", "validation 1.2"],
  },
  "confusion of three": {
    figure: confusionMatrix({
      classNames: ["setosa", hostile, "virginica"],
      counts: [
        [10, 0, 0],
        [0, 9, 1],
        [0, 0, 10],
      ],
    }),
    labels: ["setosa", "predicted class", "actual class", "90 %", ">9<"],
  },
  "confusion of twenty": {
    figure: confusionMatrix({
      classNames: names20,
      counts: names20.map((_, i) => names20.map((_, j) => (i === j ? 500 : (i * j) % 3))),
    }),
    labels: ["class number 0", "class number 19", ">500<"],
  },
  "confusion of one": {
    figure: confusionMatrix({ classNames: ["only"], counts: [[7]] }),
    labels: ["only", ">7<", "100 %"],
  },
  "two spirals": { figure: spirals(), labels: ["inner", "train", "test", "class", ">x<"] },
  roc: {
    figure: rocCurves({
      classNames: ["no", hostile],
      curves: [{ class: 1, falsePositiveRate: [0, 0, 0.5, 1], truePositiveRate: [0, 0.8, 1, 1] }],
    }),
    labels: ["false positive rate", "0.95"],
  },
  "learning-rate test": {
    figure: learningRateCurve({
      points: [
        { learningRate: 0.001, loss: 1.1, smoothed: 1.1 },
        { learningRate: 0.01, loss: 0.9, smoothed: 0.95 },
        { learningRate: 0.1, loss: 0.5, smoothed: 0.6 },
      ],
      suggestion: 0.01,
    }),
    labels: ["suggestion 0.01", "learning rate (log scale)"],
  },
  scatter: {
    figure: predictedVersusTrue({
      actual: [1, 2, 3],
      predicted: [1.1, 1.8, 3.2],
      target: "height",
    }),
    labels: ["true height", "predicted height"],
  },
};

describe.each(Object.entries(gallery))("%s", (_, { figure, labels }) => {
  test.each(["light", "dark"] as const)("is a sound, closed SVG in %s", async (theme) => {
    const svg = await renderSvg(figure, { theme });
    expect(unbalanced(svg)).toBe("");
    for (const label of labels) expect(svg).toContain(label);
    expect(svg).not.toContain("<script");
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|href|url\(/);
    expect(svg).toContain(`fill="${paletteOf(theme).surface}"`);
    expect(svg.length).toBeLessThan(200_000);
    expect(svg).toMatch(/^<svg [^>]*role="img"[^>]*aria-label="[^"]+"/);
  });

  test("is drawn the same twice, and can be written as JSON", async () => {
    expect(await renderSvg(figure)).toBe(await renderSvg(figure));
    const copy = JSON.parse(JSON.stringify(figure)) as Figure;
    expect(await renderSvg(copy)).toBe(await renderSvg(figure));
    expect(figure.data.length).toBeGreaterThan(0);
  });
});

test("a class keeps its colour in every figure", async () => {
  const [, second] = paletteOf("light").classes;
  for (const name of ["two spirals", "roc"]) {
    expect(await renderSvg(gallery[name].figure)).toContain(second);
  }
});

test("hostile class names arrive as text", async () => {
  const svg = await renderSvg(gallery["confusion of three"].figure);
  expect(svg).toContain("&lt;script");
});

test("a width scales the drawing as a whole", async () => {
  const { figure } = gallery.scatter;
  const own = await renderSvg(figure);
  const [, width, height] = /width="([\d.]+)" height="([\d.]+)"/.exec(own) ?? [];
  const wide = await renderSvg(figure, { width: Number(width) * 2 });
  expect(wide).toContain(`width="${Number(width) * 2}" height="${Number(height) * 2}"`);
  expect(wide).toContain(`viewBox="0 0 ${width} ${height}"`);
});

test("every label lies inside the picture", async () => {
  const svg = await renderSvg(gallery["learning curves, 100 epochs"].figure);
  const [, box] = /viewBox="0 0 ([\d.]+)/.exec(svg) ?? [];
  const label = /translate\(([\d.]+),[\d.-]+\)"[^>]*>validation/.exec(svg);
  expect(Number(label?.[1])).toBeGreaterThan(0);
  // Sixteen bold characters of 11 px need about 100 px in the widest common face.
  expect(Number(box)).toBeGreaterThan(Number(label?.[1]) + 100);
});

/** The first tag that does not close, or "" when the markup is well formed. */
function unbalanced(markup: string): string {
  const open: string[] = [];
  const rest = markup.replace(
    /<(\/?)([A-Za-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (tag, closing: string, name: string, _attributes: string, empty: string) => {
      if (closing) {
        if (open.pop() !== name) open.push(`unexpected ${tag}`);
      } else if (!empty) open.push(name);
      return "";
    },
  );
  if (/[<>]/.test(rest)) return `stray ${/.{0,40}[<>].{0,40}/.exec(rest)?.[0]}`;
  const entity = /&(?!(?:amp|lt|gt|quot|#\d+);).{0,10}/.exec(markup);
  return entity ? `entity ${entity[0]}` : open.join(" ");
}
