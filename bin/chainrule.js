#!/usr/bin/env node
/** Starts the command line on a Node.js that it supports; plain JavaScript, so that any Node can read it. */

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import nodeModule, { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED = [22, 13];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, "dist", "cli", "main.js");

if (!isSupported(process.versions.node)) {
  const node = nodeOfThisPackage();
  if (node === undefined) {
    fail(
      `the command line needs Node.js ${NEEDED.join(".")} or newer, this is ${process.versions.node}`,
      'install a newer Node.js, or the package "node" beside this one: npm install --save-dev node@24',
    );
  } else {
    restartOn(node);
  }
} else if (!existsSync(main)) {
  fail(`${main} is missing`, `run "npm run build" in ${root}`);
} else {
  // Code that the engine has seen before is not read anew.
  nodeModule.enableCompileCache?.();
  const { main: run } = await import("../dist/cli/main.js");
  process.exitCode = await run(process.argv.slice(2));
}

/** @param {string} version */
function isSupported(version) {
  const [major, minor] = version.split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/** The executable of the dev dependency `node`, where it is installed and new enough. */
function nodeOfThisPackage() {
  try {
    const description = createRequire(import.meta.url).resolve("node/package.json");
    const { version } = JSON.parse(readFileSync(description, "utf8"));
    const name = process.platform === "win32" ? "node.exe" : "node";
    const executable = join(dirname(description), "bin", name);
    return isSupported(version) && existsSync(executable) ? executable : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} node */
function restartOn(node) {
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  // A terminal sends Ctrl-C to both processes; from elsewhere the signal comes to this one only.
  const { stdin, stdout, stderr } = process;
  const hasTerminal = [stdin, stdout, stderr].some((stream) => stream.isTTY);
  process.on("SIGINT", () => hasTerminal || child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) =>
    fail(`${node} does not start: ${error.message}`, "run npm ci again"),
  );
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** @param {string} problem @param {string} remedy */
function fail(problem, remedy) {
  console.error(`chainrule: ${problem}; ${remedy}`);
  process.exitCode = 1;
}
