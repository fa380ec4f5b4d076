import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DataError, FileError } from "../util/index.ts";
import { readCsv, readFeatures } from "./files.node.ts";

const text = "length,species\n5.1,setosa\n6.4,versicolor\n";
const target = "species";
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chainrule-csv-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

test("a dataset is read and named after its file", async () => {
  const set = await readCsv(await file("flowers.csv", text), { target });
  expect(set.name).toBe("flowers.csv");
  expect([...set.inputs]).toEqual([5.1, 6.4]);
  const named = await readCsv(await file("flowers.csv", text), { target, name: "flowers" });
  expect(named.name).toBe("flowers");
});

test("a gzipped file is read", async () => {
  const set = await readCsv(await file("flowers.csv.gz", gzipSync(text)), { target });
  expect(set.length).toBe(2);
});

test("rows to predict for are read", async () => {
  const rows = await readFeatures(await file("new.csv", text), { featureNames: ["length"] });
  expect([...rows.inputs]).toEqual([5.1, 6.4]);
});

test("errors in the data name the file", async () => {
  await expect(readCsv(await file("empty.csv", ""), { target })).rejects.toThrow(
    new DataError('CSV "empty.csv": expected rows of data, got an empty file.'),
  );
});

test("a file that is not there", async () => {
  const path = join(folder, "none.csv");
  await expect(readCsv(path, { target })).rejects.toThrow(
    new FileError(`File "${path}": expected a CSV file, found nothing there; check the path.`),
  );
});

test("a folder", async () => {
  await expect(readCsv(folder, { target })).rejects.toThrow(
    new FileError(`File "${folder}": expected a CSV file, got a folder; name a file in it.`),
  );
});

test("bytes that are not UTF-8", async () => {
  const path = await file("latin.csv", Uint8Array.of(0x61, 0x2c, 0xe9, 0x0a));
  await expect(readCsv(path, { target })).rejects.toThrow(
    new FileError(
      `File "${path}": expected CSV text in UTF-8, got other bytes; save it as "CSV UTF-8".`,
    ),
  );
});

test("a damaged gzip file", async () => {
  const path = await file("cut.csv.gz", gzipSync(text).subarray(0, 20));
  await expect(readCsv(path, { target })).rejects.toThrow(/a damaged one/);
});
