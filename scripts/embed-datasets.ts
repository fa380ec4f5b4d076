/** Writes the embedded datasets, `src/data/iris.generated.ts` and `src/data/digits.generated.ts`, from their files.
 *
 *     node scripts/embed-datasets.ts [folder]     (default ../shared/data; its README names the sources)
 */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const folder = process.argv[2] ?? join(import.meta.dirname, "../../shared/data");
const output = join(import.meta.dirname, "../src/data");

/** Printable characters that need no escape in a template or a string. */
const alphabet = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i))
  .filter((character) => !"\"'`\\$".includes(character))
  .join("");

function read(path: string, sha256: string): Buffer {
  const bytes = readFileSync(join(folder, path));
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (actual !== sha256) throw new Error(`${path}: expected SHA-256 ${sha256}, got ${actual}.`);
  return bytes;
}

function write(name: string, purpose: string, constants: Readonly<Record<string, string>>): void {
  const lines = Object.entries(constants).map(
    ([key, text]) => `export const ${key} =\n  ${JSON.stringify(text)};\n`,
  );
  const opening = `/** ${purpose} Made by scripts/embed-datasets.ts. */\n\n`;
  writeFileSync(join(output, name), opening + lines.join("\n"));
}

/** Rows of Fisher's iris as tenths of a centimetre: whole numbers, so that x / 10 is exact. */
function embedIris(): void {
  const text = read(
    "iris/iris.csv",
    "9cc1c345c71bcc9b486b74cbf6063fa66f4bb5e0f603a4b3c3471ec2e5e8e355",
  ).toString();
  const rows = text.trimEnd().split("\n").slice(1);
  const tenths = rows.map((row) =>
    row
      .split(",")
      .slice(0, 4)
      .map((value) => Math.round(Number(value) * 10))
      .join(" "),
  );
  write(
    "iris.generated.ts",
    "Fisher's iris: 150 rows of four lengths in tenths of a centimetre, 50 of each class in turn.",
    { irisTenths: tenths.join(";") },
  );
}

/** Pixels of the optical digits: three of them (17³ values) in two characters of 71. */
function embedDigits(): void {
  const text = gunzipSync(
    read(
      "digits/digits.csv.gz",
      "46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a",
    ),
  ).toString();
  const rows = text
    .trimEnd()
    .split("\n")
    .map((row) => row.split(",").map(Number));
  const pixels = rows.flatMap((row) => row.slice(0, 64));
  const base = 71;
  let packed = "";
  for (let i = 0; i < pixels.length; i += 3) {
    const value = (pixels[i] * 17 + pixels[i + 1]) * 17 + pixels[i + 2];
    packed += alphabet[Math.floor(value / base)] + alphabet[value % base];
  }
  write(
    "digits.generated.ts",
    "Optical digits: 1797 images of 8 x 8 pixels 0 … 16, three pixels in two characters, and their labels.",
    {
      digitsAlphabet: alphabet.slice(0, base),
      digitsPixels: packed,
      digitsLabels: rows.map((row) => row[64]).join(""),
    },
  );
}

embedIris();
embedDigits();
