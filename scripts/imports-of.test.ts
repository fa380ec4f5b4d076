/** Tests that imports are found in code, and only there. */

import { expect, test } from "vitest";
import { importsOf } from "./imports-of.ts";

const specifiers = (source: string) => importsOf(source).map(({ specifier }) => specifier);

test.for([
  'import x from "a"',
  "import x from 'a'",
  'import * as x from "a"',
  'import x, { y as z } from "a"',
  'import type { X } from "a"',
  'import { type X, y } from "a"',
  'import "a"',
  'import json from "a" with { type: "json" }',
  'export * from "a"',
  'export * as x from "a"',
  'export type { X } from "a"',
  'export { x as default } from "a"',
  'const x = await import("a")',
  'let x: import("a").X',
  'import {\n  x, // not "b"\n  y,\n} from "a"',
  'const from = 1; import { from as to } from "a"',
  `const text = \`\${await import("a")} import 'b'\``,
  `const text = \`\\\` \${\`\${"}"}\`} import "b"\`; import "a"`,
  'const half = (1 + 1) / 2; import "a"; const third = 1 / 3;',
  'const quote = /["\'`/]/g; import "a"',
])("finds one import in %s", (source) => {
  expect(specifiers(source)).toEqual(["a"]);
});

test.for([
  '// import "a"',
  '/* import "a"\n import "a" */',
  "const text = 'import \"a\"'",
  "const text = \"export * from 'a'\"",
  'const text = `import "a"`',
  'const pattern = /import "a"/',
  'const here = import.meta.url + "a"',
  'export const from = "a"',
  'export const x = y.from("a")',
  'x.import("a")',
  "await import(name)",
])("finds no import in %s", (source) => {
  expect(specifiers(source)).toEqual([]);
});

test("tells the line of the specifier", () => {
  const source = '/* one\ntwo */\nimport "a";\nconst text = `\n\n`;\nimport {\n  x,\n} from "b";\n';
  expect(importsOf(source)).toEqual([
    { specifier: "a", line: 3 },
    { specifier: "b", line: 9 },
  ]);
});
