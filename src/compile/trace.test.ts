/** What a trace of the compiler sees. */

import { expect, test } from "vitest";
import { build } from "../ir/index.ts";
import { compilePrograms, printing } from "./index.ts";

test("every pass is printed, the graph at first and the kernels in the end", () => {
  const x = build.input("x", [3], "float32");
  const texts: string[] = [];
  const trace = printing((text) => texts.push(text));
  compilePrograms([{ name: "main", outputs: [build.unary("exp", build.add(x, x))] }], { trace });
  expect(texts[0]).toMatch(/^-- main: before\n%0 = input/);
  expect(texts.at(-1)).toMatch(/^-- main: kernels\nmap \[3\]: /);
  expect(texts.length).toBeGreaterThan(5);
});
