/** Tests that the package holds what it promises: every published entry, the command, no registry's address. */

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { encode } from "fast-png";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const description = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const entries = Object.entries<{ types: string; default: string }>(description.exports).filter(
  ([name]) => name !== "./package.json",
);

const node = (...args: string[]) =>
  spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", timeout: 30_000 });

test.for(entries)("the entry %s is built, with types, and can be imported", ([, entry]) => {
  expect(existsSync(join(root, entry.types)), `${entry.types}; run npm run build`).toBe(true);
  const url = pathToFileURL(join(root, entry.default)).href;
  const { status, stderr } = node("--input-type=module", "--eval", `await import("${url}")`);
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("a program of another package finds code and strict types", () => {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-consumer-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules", "chainrule"), "junction");
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(
      join(folder, "program.ts"),
      `import { datasets, layers, network, optimizers, train } from "chainrule";
const net = network({ input: [4], layers: [layers.linear(3)] });
const history = await train(net, datasets.iris(), { epochs: 1 });
const loss: number = history.epochs[0].train.loss;
// @ts-expect-error A learning rate is a number.
const refused = () => optimizers.adam({ learningRate: "fast" });
console.log(Number.isFinite(loss), typeof refused);
`,
    );
    const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
    const options = "--ignoreConfig --module nodenext --target es2022 --lib es2022,dom --strict";
    const { stdout } = node(compiler, ...options.split(" "), join(folder, "program.ts"));
    expect(stdout).toBe("");
    expect(node(join(folder, "program.js")).stdout).toBe("true function\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the command starts and tells the package's version", () => {
  const { status, stdout, stderr } = node(description.bin.chainrule, "--version");
  expect(stderr).toBe("");
  expect(stdout.trim()).toContain(description.version);
  expect(status).toBe(0);
});

test("the bundled command finds its threads, kept code, the augmentation's worker, Vega and the fonts", () => {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-command-"));
  try {
    for (const shade of [50, 200]) {
      mkdirSync(join(folder, "pictures", String(shade)), { recursive: true });
      for (let i = 0; i < 10; i++) {
        const picture = {
          width: 8,
          height: 8,
          data: new Uint8Array(64).fill(shade + i),
          channels: 1,
        };
        writeFileSync(join(folder, "pictures", String(shade), `${i}.png`), encode(picture));
      }
    }
    const config = {
      data: { dataset: "imageFolder", path: "pictures" },
      network: ["flatten", { kind: "linear", units: 4000 }, "relu", "linear"],
      augment: { transforms: [{ kind: "shift", pixels: 1 }] },
      standardize: false,
      epochs: 2,
      threads: 2,
    };
    writeFileSync(join(folder, "shades.json"), JSON.stringify(config));
    const command = (...args: string[]) =>
      spawnSync(process.execPath, [join(root, description.bin.chainrule), ...args], {
        cwd: folder,
        encoding: "utf8",
        env: { ...process.env, CHAINRULE_CACHE_DIR: join(folder, "cache") },
      });
    const train = (out: string) => command("train", "shades.json", "--out", out, "--quiet");
    const compiled = () => readdirSync(join(folder, "cache", "code"));
    expect(train("run")).toMatchObject({ status: 0, stderr: "" });
    const kept = compiled();
    expect(kept.length).toBeGreaterThan(0);
    expect(train("again")).toMatchObject({ status: 0, stderr: "" });
    expect(compiled()).toEqual(kept);
    const weights = (run: string) => readFileSync(join(folder, run, "last", "weights.safetensors"));
    expect(weights("again")).toEqual(weights("run"));
    expect(readFileSync(join(folder, "run", "report.html"), "utf8")).toContain("<svg");
    expect(command("graph", "run", "--out", "graph.png").status).toBe(0);
    expect(readFileSync(join(folder, "graph.png")).subarray(1, 4).toString()).toBe("PNG");
  } finally {
    rmSync(folder, { recursive: true });
  }
  const bundled = readFileSync(join(root, "dist", "cli", "LICENSES.txt"), "utf8");
  for (const name of ["zod", "vega", "vega-lite", "commander"]) {
    expect(bundled).toMatch(new RegExp(`^${name} \\d`, "m"));
  }
});

test("the package's files are the build, its sources and the launcher, without tests", () => {
  const { stdout } = spawnSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const paths = [...stdout.matchAll(/"path": "([^"]+)"/g)].map(([, path]) => path);
  expect(paths).toContain("bin/chainrule.js");
  expect(paths).toContain("dist/.sources");
  expect(
    paths.filter((path) => /\.test(-d|ing)?\.|(^|\/)(runs|node_modules)\//.test(path)),
  ).toEqual([]);
  expect(new Set(paths.map((path) => path.split("/")[0]))).toEqual(
    new Set(["bin", "dist", "src", "package.json", "README.md", "LICENSE"]),
  );
});

test("the lock file names no registry", () => {
  expect(readFileSync(join(root, "package-lock.json"), "utf8")).not.toMatch(/"resolved": "http/);
});
