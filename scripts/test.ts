/** Runs everything that must hold, cheap checks first, and closes with the counts: `npm test`. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, sep } from "node:path";
import { countsOf, type TestReport } from "./test-counts.ts";

/** Scripts of package.json; the tests start the built command line, so the build comes before them. */
const CHECKS = ["lint", "check:imports", "typecheck", "build"];

const root = join(import.meta.dirname, "..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const env = {
  ...process.env,
  PATH: [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter),
};

function run(name: string, command: string): boolean {
  console.log(`\n== ${name}: ${command}`);
  const start = performance.now();
  const { status } = spawnSync(command, { shell: true, stdio: "inherit", cwd: root, env });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`== ${name}: ${status === 0 ? "ok" : "FAILED"} in ${seconds} s`);
  return status === 0;
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-test-"));
  try {
    const file = join(folder, "report.json");
    const ok = run(
      "tests",
      `vitest run --reporter=default --reporter=json --outputFile.json=${file}`,
    );
    return { ok, ...countsOf(JSON.parse(readFileSync(file, "utf8")) as TestReport) };
  } catch (error) {
    console.error(`tests: vitest wrote no report (${(error as Error).message})`);
    return { ok: false, passed: 0, failed: 1, skipped: 0, failures: ["vitest ended early"] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const failedChecks = CHECKS.filter((name) => !run(name, scripts[name]));
// Tests of an old build would tell nothing.
const tests = failedChecks.includes("build") ? undefined : runTests();

const failures = [...failedChecks.map((name) => `npm run ${name}`), ...(tests?.failures ?? [])];
if (tests?.ok === false && tests.failures.length === 0)
  failures.push("vitest: see its output above");
console.log(failures.length === 0 ? "\nAll checks and tests passed." : "\nFailed:");
for (const failure of failures) console.log(`  ${failure.replace(join(root, sep), "")}`);
if (tests === undefined) console.log("  the tests did not run, because the build failed");

// The line that tools read: the tests, and each failed check as one more failure.
const { passed = 0, skipped = 0 } = tests ?? {};
console.log(
  `${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
);
if (failures.length > 0) process.exitCode = 1;
