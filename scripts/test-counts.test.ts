/** Tests the counts on small reports. */

import { expect, test } from "vitest";
import { countsOf } from "./test-counts.ts";

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
    failed: 1,
    skipped: 2,
    failures: ["b.test.ts: test 1"],
  });
});

test("a file that does not load is a failure, though it holds no test", () => {
  const testResults = [file("a.test.ts", "passed", "passed"), file("b.test.ts", "failed")];
  expect(countsOf({ testResults })).toEqual({
    passed: 1,
    failed: 1,
    skipped: 0,
    failures: ["b.test.ts: did not run"],
  });
});

test("a run without a test is a failure", () => {
  expect(countsOf({ testResults: [] }).failures).toEqual(["no test ran"]);
});
