import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

test("100,000 iris steps, each a call, allocate nothing on the JavaScript heap", () => {
  const script = join(import.meta.dirname, "allocation.ts");
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--expose-gc", script], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  const { steps, least } = JSON.parse(stdout) as { steps: number; least: number };
  expect(steps).toBe(100_000);
  // The smallest object takes 8 bytes; the engine's own records some kilobytes in all.
  expect(least).toBeLessThan(steps);
});
