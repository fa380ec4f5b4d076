import { describe, expect, test } from "vitest";
import { grayImage } from "./image.ts";
import { type ReportData, renderReport, wilsonInterval } from "./index.ts";

const hostile = `<script>alert("1")</script>`;

const iris: ReportData = {
  title: "Iris flowers",
  name: "iris-seed1",
  createdBy: "chainrule 0.1.0",
  seed: 1,
  config: { experiment: "iris", optimizer: { name: "adam", learningRate: 0.01 } },
  command: "npx chainrule train iris --seed 1",
  network: {
    layers: [
      { layer: "linear", outputShape: "[batch, 11]", parameters: 55 },
      { layer: "relu", outputShape: "[batch, 11]", parameters: 0 },
      { layer: "linear", outputShape: "[batch, 3]", parameters: 36 },
    ],
  },
  dataset: {
    name: "iris",
    rows: 150,
    features: 4,
    classNames: ["setosa", "versicolor", "virginica"],
    splits: [
      { name: "train", rows: 120 },
      { name: "test", rows: 30 },
    ],
  },
  epochs: Array.from({ length: 100 }, (_, i) => ({
    epoch: i + 1,
    train: { loss: 1 / (i + 1), accuracy: 1 - 0.5 / (i + 1) },
    validation: { loss: 1.1 / (i + 1), accuracy: 0.97 - 0.5 / (i + 1) },
  })),
  test: { loss: 0.0842, accuracy: 29 / 30 },
  confusion: [
    [10, 0, 0],
    [0, 9, 1],
    [0, 0, 10],
  ],
  perClass: [
    { name: "setosa", precision: 1, recall: 1, f1: 1, support: 10 },
    { name: "versicolor", precision: 1, recall: 0.9, f1: 0.947, support: 10 },
    { name: "virginica", precision: null, recall: 1, f1: null, support: 10 },
  ],
  decisionBoundary: {
    xRange: [0, 1],
    yRange: [0, 1],
    gridWidth: 2,
    gridHeight: 2,
    scores: [0, 1, 0, 2],
    points: [{ x: 0, y: 0, class: 0 }],
    classNames: ["setosa", "versicolor", "virginica"],
    featureNames: ["petal length (cm)", "petal width (cm)"],
  },
  mistakes: [
    {
      index: 17,
      actual: "versicolor",
      predicted: "virginica",
      confidence: 0.71,
      features: [{ name: "petal length (cm)", value: 4.9 }],
      image: { width: 2, height: 2, pixels: [0, 1, 0.5, 0] },
    },
  ],
  timings: { seconds: 0.84, steps: 1500 },
  environment: {
    chainrule: "0.1.0",
    node: "24.21.0",
    backend: "wasm",
    dtype: "float32",
    mode: "strict",
  },
};

describe("the report of a classification", async () => {
  const page = await renderReport(iris);

  test("leads with the test accuracy and its interval", () => {
    expect(page).toContain("<strong>96.7 %</strong>");
    expect(page).toContain("29 of 30 test examples right");
    expect(page).toContain("95 % interval 83.3 % to 99.4 %");
  });

  test("holds every section", () => {
    const headings = Array.from(page.matchAll(/<h2>([^<]*)<\/h2>/g), ([, heading]) => heading);
    expect(headings).toEqual([
      "How it learned",
      "What it gets right and wrong",
      "Decision boundary",
      "Examples it got wrong",
      "The network",
      "The data",
      "Run it again",
    ]);
    expect(page).toContain("npx chainrule train iris --seed 1");
    expect(page).toContain("&quot;learningRate&quot;: 0.01");
    expect(page).toContain("bit for bit");
    expect(page).toContain(`<td class="number">91</td>`);
  });

  test("loads nothing and runs nothing", () => {
    expect(page.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(
      /https?:|<script|<link|@import|url\(|\son\w+=/,
    );
    expect(page).toContain("default-src 'none'");
    expect(page.length).toBeLessThan(400_000);
  });

  test("has each figure in light and in dark, with its words", () => {
    expect(page.match(/<div class="light"><svg/g)).toHaveLength(3);
    expect(page.match(/<div class="dark"><svg/g)).toHaveLength(3);
    expect(page.match(/role="img"[^>]*aria-label="/g)).toHaveLength(6);
    expect(page).toContain(`alt="test example 17, a versicolor taken for virginica"`);
  });

  test("closes what it opens", () => {
    for (const tag of [
      "section",
      "figure",
      "table",
      "tr",
      "td",
      "th",
      "svg",
      "g",
      "div",
      "ul",
      "li",
    ]) {
      const opened = page.match(new RegExp(`<${tag}(?=[ >])[^>]*[^/]>|<${tag}>`, "g"))?.length;
      expect([tag, page.match(new RegExp(`</${tag}>`, "g"))?.length]).toEqual([tag, opened]);
    }
  });

  test("is the same twice", async () => {
    expect(await renderReport(JSON.parse(JSON.stringify(iris)))).toBe(page);
  });
});

test("hostile texts arrive as text, wherever they stand", async () => {
  const page = await renderReport({
    ...iris,
    title: hostile,
    name: hostile,
    createdBy: hostile,
    createdAt: hostile,
    command: hostile,
    config: { [hostile]: hostile },
    network: { layers: [{ layer: hostile, outputShape: hostile, parameters: 1 }] },
    dataset: {
      ...iris.dataset,
      name: hostile,
      description: hostile,
      target: hostile,
      featureNames: [hostile],
      classNames: [hostile, `${hostile}2`, "virginica"],
      splits: [{ name: hostile, rows: 150 }],
    },
    perClass: [{ name: hostile, precision: 1, recall: 1, f1: 1, support: 1 }],
    mistakes: [
      {
        index: 0,
        actual: hostile,
        predicted: hostile,
        features: [{ name: hostile, value: hostile }],
        image: { width: 1, height: 1, pixels: [1] },
      },
    ],
    environment: { ...iris.environment, [hostile]: hostile },
  });
  expect(page).not.toContain("<script");
  expect(page).toContain("&lt;script&gt;");
});

test("a regression shows its loss and the scatter, and no confusion matrix", async () => {
  const page = await renderReport({
    ...iris,
    dataset: { ...iris.dataset, classNames: undefined, target: "price" },
    epochs: [{ epoch: 1, train: { loss: 9.5 } }],
    test: { loss: 9.21 },
    confusion: undefined,
    perClass: undefined,
    decisionBoundary: undefined,
    mistakes: undefined,
    predictions: { actual: [1, 2, 3], predicted: [1.1, 1.8, 3.2], target: "price" },
    environment: { ...iris.environment, mode: "fast" },
  });
  expect(page).toContain("<strong>9.21</strong>");
  expect(page).toContain("on 30 test examples");
  expect(page).toContain("true price");
  expect(page).not.toMatch(/Confusion|accuracy|NaN|undefined|bit for bit/);
});

test("a run without a test or an epoch still has a report", async () => {
  const page = await renderReport({
    ...iris,
    epochs: [],
    test: undefined,
    confusion: undefined,
    perClass: [],
    decisionBoundary: undefined,
    mistakes: [],
  });
  expect(page).not.toMatch(/<strong>|<figure|NaN|undefined/);
  expect(page).toContain("The network");
});

test("a thousand epochs give a table of some thirty rows", async () => {
  const epochs = Array.from({ length: 1000 }, (_, i) => ({
    epoch: i + 1,
    train: { loss: 1 / (i + 1) },
  }));
  const page = await renderReport({ ...iris, epochs });
  expect(page).toContain("Every 34 epochs, the first and the last");
  expect(page.length).toBeLessThan(400_000);
});

test("Wilson's interval of 29 in 30, computed by hand, and of none and all", () => {
  const [low, high] = wilsonInterval(29, 30);
  expect(low).toBeCloseTo(0.8333, 3);
  expect(high).toBeCloseTo(0.9941, 3);
  expect(wilsonInterval(0, 10)[0]).toBe(0);
  expect(wilsonInterval(10, 10)[1]).toBeCloseTo(1, 12);
  expect(wilsonInterval(0, 0)).toEqual([0, 1]);
});

test("a grey picture is a BMP whose rows are padded to four bytes", () => {
  const bytes = atob(grayImage({ width: 2, height: 1, pixels: [0, 1] }).split(",")[1]);
  expect(bytes.length).toBe(54 + 1024 + 4);
  expect(bytes.slice(0, 2)).toBe("BM");
  expect(bytes.slice(-4)).toBe("\u0000\u00ff\u0000\u0000");
  expect(() => grayImage({ width: 2, height: 2, pixels: [0] })).toThrow(
    "grayImage: expected 2 × 2 pixels, got 1; give one number a pixel.",
  );
});
