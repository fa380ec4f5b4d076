/** Tests the counts on small reports. */

import { expect, test } from "vitest";
import { countsOf, sumOf } from "./test-counts.ts";

const file = (name: string, status: string, ...statuses: string[]) => ({
  name,
  status,
  assertionResults: statuses.map((each, i) => ({ fullName: `test ${i}`, status: each })),
});

test("counts passed, failed and skipped tests", () => {
  const testResults = [
    file("a.test.ts", "passed", "passed", "passed", "pending"),
    file("b.test.ts", "failed", "passed", "failed", "todo"),
  ];
  expect(countsOf({ testResults })).toEqual({
    passed: 3,
    skipped: 2,
    failures: ["b.test.ts: test 1"],
  });
});

test("a file that does not load is a failure, though it holds no test", () => {
  const testResults = [file("a.test.ts", "passed", "passed"), file("b.test.ts", "failed")];
  expect(countsOf({ testResults })).toEqual({
    passed: 1,
    skipped: 0,
    failures: ["b.test.ts: did not run"],
  });
});

test("a run without a test is a failure, one that skips all of them is not", () => {
  expect(countsOf({ testResults: [] }).failures).toEqual(["no test ran"]);
  const skipped = [file("a.test.ts", "passed", "pending")];
  expect(countsOf({ testResults: skipped })).toEqual({ passed: 0, skipped: 1, failures: [] });
});

test("adds up several reports", () => {
  const [first, second] = ["passed", "failed"].map((status) =>
    countsOf({ testResults: [file("a.test.ts", "failed", status, "passed", "pending")] }),
  );
  expect(sumOf([first, second])).toEqual({
    passed: 3,
    skipped: 2,
    failures: ["a.test.ts: did not run", "a.test.ts: test 0"],
  });
  expect(sumOf([])).toEqual({ passed: 0, skipped: 0, failures: [] });
});
