import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { enginesTable } from "../../bench/engines/table.ts";
import type { Measurement } from "../../bench/measurement.ts";
import { machineFacts } from "../../bench/peers/machine.ts";
import { progressNote, writeBlock, writeSummary } from "../../bench/peers/pageFile.ts";
import { chooseWorkloads } from "../../bench/workloads.ts";

describe("the page of measurements", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "page-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("the README has a place for the summary, and keeps all around it", () => {
    const path = join(folder, "README.md");
    const readme = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");
    writeFileSync(path, readme);
    writeSummary(path, "| a table |");
    const written = readFileSync(path, "utf8");
    expect(written).not.toBe(readme);
    expect(written).toContain("\n\n| a table |\n\n<!-- end of summary -->\n");
    const around = (text: string) => text.split(/<!-- (?:summary:|end of summary).*-->/);
    const [before, , after] = around(written);
    expect(before).toBe(around(readme)[0]);
    expect(after).toBe(around(readme)[2]);
  });

  test("a run replaces its own part and leaves the other; the peers come first", () => {
    const path = join(folder, "performance.md");
    writeBlock(path, "engines", "## By engine\n\none");
    writeBlock(path, "peers", "## Peers\n\nfirst");
    writeBlock(path, "peers", "## Peers\n\nsecond");
    writeBlock(path, "engines", "## By engine\n\ntwo");
    expect(readFileSync(path, "utf8")).toBe(`# Performance

<!-- peers: written by npm run bench -- --peers -->

## Peers

second

<!-- end of peers -->

<!-- engines: written by npm run bench -- --engines -->

## By engine

two

<!-- end of engines -->
`);
    expect(readdirSync(folder)).toEqual(["performance.md"]);
  });
});

describe("the engines' table", () => {
  const measurement = (mode: string, usPerStep: number): Measurement => ({
    workload: "matmul-64",
    system: "chainrule",
    version: "0.1.0, Node.js 24",
    threads: 1,
    mode,
    dtype: "float32",
    usPerStep,
    samplesPerSecond: 1,
    gflops: 1,
    fractionOfLimit: 0.5,
  });
  const content = {
    started: new Date("2026-01-02T03:04:05Z"),
    machine: machineFacts(),
    names: ["Node.js 20", "Node.js 24"],
    results: [
      { engine: "Node.js 24", measurement: measurement("fast", 12.3) },
      { engine: "Node.js 20", measurement: measurement("strict", 45.6) },
    ],
    options: {
      chosen: chooseWorkloads(["matmul"]),
      modes: ["fast", "strict"] as const,
      threads: 1,
      rounds: 5,
      seconds: 0.15,
      output: undefined,
      json: false,
    },
    progress: { done: 2, all: 8 },
  };

  test("a row a workload and mode, a dash where an engine has no number", () => {
    const rows = enginesTable(content)
      .split("\n")
      .filter((line) => line.startsWith("| matmul"));
    expect(rows).toEqual([
      "| matmul-64 | fast | – | – | 12.3 | 0.50 |",
      "| matmul-64 | strict | 45.6 | 0.50 | – | – |",
    ]);
  });

  test("a run that is not done says so, one that is does not", () => {
    expect(enginesTable(content)).toContain("**Unfinished: this run has measured 2 of 8");
    expect(progressNote({ done: 8, all: 8 })).toEqual([]);
  });
});
