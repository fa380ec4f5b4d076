import { expect, test } from "vitest";
import { confusionMatrix, renderSvg } from "./index.ts";

test("words count what is right and name the most frequent mistakes", () => {
  const figure = confusionMatrix({
    classNames: ["cat", "dog"],
    counts: [
      [18, 2],
      [1, 19],
    ],
  });
  expect(figure.text).toBe(
    "37 of 40 examples right (92.5 %). Mistakes: cat taken for dog (2) and dog taken for cat (1).",
  );
  expect(figure.data[1]).toEqual({ actual: "cat", predicted: "dog", count: 2, share: 0.1 });
});

test("a class without examples has no share", async () => {
  const figure = confusionMatrix({
    classNames: ["a", "b"],
    counts: [
      [3, 0],
      [0, 0],
    ],
  });
  expect(figure.data[3].share).toBeNull();
  expect(await renderSvg(figure)).not.toContain("NaN");
});

test("names that repeat, are empty or long stay apart", async () => {
  const figure = confusionMatrix({
    classNames: ["same", "same", "", "x".repeat(60)],
    counts: Array.from({ length: 4 }, () => [1, 1, 1, 1]),
  });
  const svg = await renderSvg(figure);
  for (const label of ["same (2)", "class 2", "…"]) expect(svg).toContain(label);
});

test("counts that do not fit the names are an error that says where", () => {
  expect(() => confusionMatrix({ classNames: ["a", "b"], counts: [[1, 2], [3]] })).toThrow(
    "confusionMatrix: expected counts [2, 2] for 2 class names, got row 1 of 1; " +
      "give one row and one column a class.",
  );
});
