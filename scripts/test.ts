/** Runs everything that must hold, cheap checks first, and closes with the counts: `npm test`.
 *
 * Arguments name scripts of package.json with further tests, which run last and are counted in:
 * `npm test -- test:mnist`.
 */

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, sep } from "node:path";
import { countsOf, sumOf, type TestCounts, type TestReport } from "./test-counts.ts";

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

function runTests(name: string, command: string): TestCounts {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-test-"));
  try {
    const file = join(folder, "report.json");
    const ok = run(name, `${command} --reporter=default --reporter=json --outputFile.json=${file}`);
    const counts = countsOf(JSON.parse(readFileSync(file, "utf8")) as TestReport);
    if (ok || counts.failures.length > 0) return counts;
    return { ...counts, failures: [`${name}: see the output of vitest above`] };
  } catch (error) {
    const why = `${name}: vitest wrote no report (${(error as Error).message})`;
    return { passed: 0, skipped: 0, failures: [why] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const further = process.argv.slice(2);
const unknown = further.filter((name) => !scripts[name]?.startsWith("vitest run"));
if (unknown.length > 0) {
  const known = Object.keys(scripts).filter((name) => scripts[name].startsWith("vitest run"));
  console.error(`npm test: expected some of ${known.join(", ")}, got ${unknown.join(", ")}`);
  process.exit(2);
}

const failedChecks = CHECKS.filter((name) => !run(name, scripts[name]));
// Tests of an old build would tell nothing.
const isBuilt = !failedChecks.includes("build");
const { passed, skipped, ...tests } = sumOf(
  isBuilt
    ? [runTests("tests", "vitest run"), ...further.map((name) => runTests(name, scripts[name]))]
    : [],
);

const failures = [...failedChecks.map((name) => `npm run ${name}`), ...tests.failures];
console.log(failures.length === 0 ? "\nAll checks and tests passed." : "\nFailed:");
for (const failure of failures) console.log(`  ${failure.replace(join(root, sep), "")}`);
if (!isBuilt) console.log("  the tests did not run, because the build failed");

// The line that tools read: the tests, and each failed check as one more failure.
console.log(
  `${passed} passed, ${failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
);
if (failures.length > 0) process.exitCode = 1;
