/** Counts the tests in reports of Vitest's JSON reporter, and names those that failed. */

/** The part of the report that is read here. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export interface TestCounts {
  readonly passed: number;
  readonly skipped: number;
  /** One line for each failure; a file that could not be loaded is one failure. */
  readonly failures: readonly string[];
}

export function countsOf(report: TestReport): TestCounts {
  const counts = { passed: 0, skipped: 0 };
  const failures: string[] = [];
  for (const { name, status, assertionResults } of report.testResults) {
    if (status === "failed" && assertionResults.every((each) => each.status !== "failed")) {
      failures.push(`${name}: did not run`);
    }
    for (const test of assertionResults) {
      if (test.status === "failed") failures.push(`${name}: ${test.fullName}`);
      else if (test.status === "passed") counts.passed++;
      else counts.skipped++;
    }
  }
  if (counts.passed + counts.skipped + failures.length === 0) failures.push("no test ran");
  return { ...counts, failures };
}

/** The counts of several reports together. */
export function sumOf(all: readonly TestCounts[]): TestCounts {
  return {
    passed: all.reduce((sum, { passed }) => sum + passed, 0),
    skipped: all.reduce((sum, { skipped }) => sum + skipped, 0),
    failures: all.flatMap(({ failures }) => failures),
  };
}
