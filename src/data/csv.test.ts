import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, test } from "vitest";
import { DataError, UsageError } from "../util/index.ts";
import { type CsvOptions, parseCsv, parseFeatures } from "./csv.ts";

const flowers = `length,width,species
5.1,3.5,setosa
6.4,3.2,versicolor
4.9,3.0,setosa
`;

describe("what is read", () => {
  test("features, target and names", () => {
    const set = parseCsv(flowers, { target: "species", name: "flowers.csv" });
    expect(set.name).toBe("flowers.csv");
    expect(set.featureNames).toEqual(["length", "width"]);
    expect(set.inputs).toEqual(Float64Array.of(5.1, 3.5, 6.4, 3.2, 4.9, 3));
    expect(set.classNames).toEqual(["setosa", "versicolor"]);
    expect([...set.targets]).toEqual([0, 1, 0]);
  });

  test("columns may be chosen, by name and by index, in any order", () => {
    const options = { target: -1, features: ["width", 0] };
    const set = parseCsv(flowers, options);
    expect(set.featureNames).toEqual(["width", "length"]);
    expect([...set.inputs.subarray(0, 2)]).toEqual([3.5, 5.1]);
    expect(parseCsv(flowers, { target: 2, features: ["width"] }).inputShape).toEqual([1]);
  });

  test.each([
    ["semicolons", flowers.replaceAll(",", ";")],
    ["tabs", flowers.replaceAll(",", "\t")],
    ["bars", flowers.replaceAll(",", "|")],
    ["carriage returns", flowers.replaceAll("\n", "\r\n")],
    ["old line ends", flowers.replaceAll("\n", "\r")],
    ["a byte order mark", `\uFEFF${flowers}`],
    [
      "blank lines and blanks around cells",
      flowers.replaceAll(",", " , ").replaceAll("\n", "\n\n"),
    ],
    ["quotes", flowers.replace(/[^,\n]+/g, '"$&"')],
    ["no line end", flowers.trimEnd()],
  ])("%s", (_, text) => {
    const set = parseCsv(text, { target: "species" });
    expect([...set.inputs]).toEqual([5.1, 3.5, 6.4, 3.2, 4.9, 3]);
    expect(set.classNames).toEqual(["setosa", "versicolor"]);
  });

  test("a given delimiter is used", () => {
    const text = "a b y\n1 2 0\n3 4 1\n5 6 0\n7 8 1";
    expect([...parseCsv(text, { target: "y", delimiter: " " }).inputs.subarray(0, 2)]).toEqual([
      1, 2,
    ]);
    expect(() => parseCsv(text, { target: "y", delimiter: ", " })).toThrow(UsageError);
  });

  test("without a header the columns are named by their index", () => {
    const text = flowers.slice(flowers.indexOf("\n") + 1);
    for (const target of [2, "2", -1]) {
      const set = parseCsv(text, { target });
      expect(set.length).toBe(3);
      expect(set.featureNames).toEqual(["0", "1"]);
    }
    expect(parseCsv(flowers, { target: "species", header: true }).length).toBe(3);
  });

  test("a header of numbers with a word above numbers is recognised", () => {
    const text = "1990,1991,class\n1,2,0\n3,4,1\n5,6,0\n7,8,1";
    expect(parseCsv(text, { target: "class" }).featureNames).toEqual(["1990", "1991"]);
  });

  test("a column without a name can be left out", () => {
    const text = ",a,y\nfirst,1,no\nsecond,2,yes";
    expect(parseCsv(text, { target: "y", features: ["a"] }).length).toBe(2);
    expect(() => parseCsv(text, { target: "y" })).toThrow(
      /column "unnamed 0" has the text "first"/,
    );
  });

  test("delimiters, quotes and line ends inside quoted cells stay in them", () => {
    const text = 'x,y\n1,"a, ""b"""\n2,"two\nlines"\n3,oops\n4';
    expect(() => parseCsv(text, { target: "y" })).toThrow(/line 6: expected 2 columns/);
    const set = parseCsv(text.slice(0, -2), { target: "y" });
    expect(set.classNames).toEqual(['a, "b"', "oops", "two\nlines"]);
  });
});

describe("the task", () => {
  const withTargets = (cells: readonly (string | number)[], options: Partial<CsvOptions> = {}) =>
    parseCsv(`x,y\n${cells.map((cell, i) => `${i},${cell}`).join("\n")}`, {
      target: "y",
      ...options,
    });

  test("text and few different whole numbers mean classes, other numbers mean values", () => {
    expect(withTargets(["b", "a", "10"]).classNames).toEqual(["10", "a", "b"]);
    expect(withTargets([10, 9, 10, 9]).classNames).toEqual(["9", "10"]);
    expect(withTargets([1, 2, 3, 4, 5]).targets).toEqual(Float64Array.of(1, 2, 3, 4, 5));
    expect(withTargets([0.5, 1, 0.5, 1]).task).toBe("regression");
    const many = Array.from({ length: 100 }, (_, i) => i % 21);
    expect(withTargets(many).task).toBe("regression");
    expect(withTargets(many.map((value) => value % 20)).task).toBe("classification");
  });

  test("the task can be chosen", () => {
    expect(withTargets([1, 0, 1, 0], { task: "regression" }).targets).toEqual(
      Float64Array.of(1, 0, 1, 0),
    );
    expect(withTargets([1.5, "1.50", 2], { task: "classification" }).classNames).toEqual([
      "1.5",
      "2",
    ]);
    expect(() => withTargets([1, "high", 2], { task: "regression" })).toThrow(
      new DataError(
        'CSV "data", line 3: column "y" has the text "high", expected a number; correct it, add it to missingValues if it marks a missing value, or leave the column out of the features.',
      ),
    );
  });
});

describe("missing values", () => {
  const text = "a,b,y\n1,10,no\n,20,yes\n3,NA,no\n5,60,\n";

  test("are an error that names line and column", () => {
    expect(() => parseCsv(text.replace("60,", "60,yes"), { target: "y" })).toThrow(
      new DataError(
        'CSV "data", line 3: column "a" has a missing value (empty), expected a number; correct it, or choose missing: "drop" (the row) or "mean" (fill in).',
      ),
    );
    expect(() => parseCsv(text, { target: "y", features: ["b"], missing: "mean" })).toThrow(
      new DataError(
        'CSV "data", line 5: column "y" has a missing value (empty), expected a target; complete the row, or choose missing: "drop" (the row).',
      ),
    );
  });

  test("can be dropped with their row, the target's too", () => {
    const set = parseCsv(`${text}7,70,yes\n`, { target: "y", missing: "drop" });
    expect([...set.inputs]).toEqual([1, 10, 7, 70]);
    expect(parseCsv(text, { target: "y", features: ["b"], missing: "drop" }).length).toBe(2);
    expect(() => parseCsv("a,y\n,no\n?,yes", { target: "y", missing: "drop" })).toThrow(
      /every row has a missing value in a, y/,
    );
  });

  test("can be filled with the column's mean or with given values", () => {
    const complete = text.replace("60,", "60,yes");
    const filled = parseCsv(complete, { target: "y", missing: "mean" });
    expect([...filled.inputs]).toEqual([1, 10, 3, 20, 3, 30, 5, 60]);
    const given = parseCsv(complete, { target: "y", missing: [-1, -2] });
    expect([...given.inputs]).toEqual([1, 10, -1, 20, 3, -2, 5, 60]);
    expect(() => parseCsv(complete, { target: "y", missing: [1] })).toThrow(UsageError);
    expect(() => parseCsv("a,y\n,no\n?,yes", { target: "y", missing: "mean" })).toThrow(
      /column "a" has no value at all/,
    );
  });

  test("may be marked by other texts", () => {
    const set = parseCsv("a,y\n-,no\n2,yes\n4,no", {
      target: "y",
      missing: "mean",
      missingValues: ["-"],
    });
    expect([...set.inputs]).toEqual([3, 2, 4]);
  });
});

describe("what is refused", () => {
  const name = "iris.csv";
  test.each<[string, string, Partial<CsvOptions>, string]>([
    [
      "a missing target column",
      flowers,
      { target: "specis" },
      'CSV "iris.csv": no column "specis" for the target; the columns are length, width, species. Did you mean "species"?',
    ],
    [
      "a missing target column, nothing near",
      flowers,
      { target: "price" },
      'CSV "iris.csv": no column "price" for the target; the columns are length, width, species.',
    ],
    [
      "a target column without a header",
      "1,2\n3,4",
      { target: "species" },
      'CSV "iris.csv": no column "species" for the target; the columns are 0, 1 (no header was found: columns are named by their index).',
    ],
    [
      "a target index too large",
      flowers,
      { target: 3 },
      'CSV "iris.csv": expected the target column as an index from 0 to 2, got 3.',
    ],
    [
      "an unknown feature column",
      flowers,
      { features: ["lenght"] },
      'CSV "iris.csv": no column "lenght" for the features; the columns are length, width, species. Did you mean "length"?',
    ],
    [
      "the target as a feature",
      flowers,
      { features: ["length", "species"] },
      'CSV "iris.csv": column "species" is the target and cannot also be a feature; leave it out of the features.',
    ],
    [
      "a feature twice",
      flowers,
      { features: ["length", 0] },
      'CSV "iris.csv": expected each feature once, got "length" twice.',
    ],
    [
      "no feature",
      "species\na\nb",
      {},
      'CSV "iris.csv": expected at least one feature column besides the target "species", got none.',
    ],
    [
      "text in a numeric column",
      flowers.replace("3.2", "wide"),
      {},
      'CSV "iris.csv", line 3: column "width" has the text "wide", expected a number; correct it, add it to missingValues if it marks a missing value, or leave the column out of the features.',
    ],
    [
      "a categorical feature",
      "colour,width,species\nred,1,a\nblue,2,b\nred,3,a",
      {},
      'CSV "iris.csv", line 2: column "colour" has the text "red", expected a number; the column holds categories (2 different texts): replace it by numeric columns, such as one of 0 and 1 for each category, or leave it out of the features.',
    ],
    [
      "decimal commas",
      "width;species\n1,5;a\n2,5;b",
      {},
      'CSV "iris.csv", line 2: column "width" has the text "1,5", expected a number; write decimal points instead of decimal commas.',
    ],
    [
      "a number too large",
      "width,species\n1,a\n1e999,b",
      {},
      'CSV "iris.csv", line 3: column "width" has the text "1e999", expected a number; correct it, add it to missingValues if it marks a missing value, or leave the column out of the features.',
    ],
    ["an empty file", "", {}, 'CSV "iris.csv": expected rows of data, got an empty file.'],
    ["only blank lines", "\n \n", {}, 'CSV "iris.csv": expected rows of data, got an empty file.'],
    [
      "a header only",
      "length,width,species\n",
      {},
      'CSV "iris.csv": expected rows of data after the header (length, width, species), got none; if line 1 is data, say header: false.',
    ],
    [
      "only one class",
      "length,species\n1,setosa\n2,setosa",
      {},
      'CSV "iris.csv": the target column "species" has only one class ("setosa") in 2 rows, expected at least two; choose another target column, or add rows of another class.',
    ],
    [
      "a ragged row",
      `${flowers}\n5.0,3.6\n`,
      {},
      'CSV "iris.csv", line 6: expected 3 columns as in line 1, got 2; correct the line, or quote cells that hold the delimiter.',
    ],
    [
      "a column name twice",
      "a,a,species\n1,2,x\n3,4,y",
      {},
      'CSV "iris.csv", line 1: expected distinct column names, got "a" twice; rename one, or say header: false if line 1 is data.',
    ],
    [
      "an open quote",
      'a,species\n1,x\n2,"y\n3,z\n',
      {},
      'CSV "iris.csv", line 3: expected a closing quote followed by a delimiter or the end of the line, got a broken quoted cell; write a quote inside a quoted cell twice ("").',
    ],
  ])("%s", (_, text, options, message) => {
    expect(() => parseCsv(text, { name, target: "species", ...options })).toThrow(
      new DataError(message),
    );
  });
});

test("what is written as CSV comes back: numbers exactly, and any class name", () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
  const className = fc
    .string({ minLength: 1, maxLength: 8 })
    .map((text) => text.replace(/\r\n?/g, "\n").trim())
    .filter(
      (text) =>
        text !== "" &&
        !["?", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None"].includes(text),
    );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(finite, finite, className), { minLength: 2, maxLength: 20 }),
      fc.constantFrom(",", ";", "\t"),
      (rows, delimiter) => {
        fc.pre(new Set(rows.map((row) => row[2])).size > 1);
        fc.pre(rows.some((row) => Number.isNaN(Number(row[2]))));
        const text = Papa.unparse({ fields: ["a", "b", "class"], data: rows }, { delimiter });
        const set = parseCsv(text, { target: "class", delimiter, header: true });
        expect([...set.inputs]).toEqual(rows.flatMap(([a, b]) => [a + 0, b + 0]));
        expect([...set.labels].map((label) => set.classNames?.[label])).toEqual(
          rows.map((row) => row[2]),
        );
        expect(set.classNames).toEqual([...(set.classNames ?? [])].sort());
      },
    ),
  );
});

describe("rows to predict for", () => {
  const featureNames = ["width", "length"];

  test("are found by name among other columns, with the lines they start on", () => {
    const rows = parseFeatures(`\n${flowers}`, { featureNames });
    expect([...rows.inputs]).toEqual([3.5, 5.1, 3.2, 6.4, 3, 4.9]);
    expect(rows.length).toBe(3);
    expect(rows.lines).toEqual([3, 4, 5]);
  });

  test("are taken in order without a header", () => {
    expect([...parseFeatures("3.5,5.1", { featureNames }).inputs]).toEqual([3.5, 5.1]);
    expect(() => parseFeatures("3.5,5.1,setosa", { featureNames, name: "new.csv" })).toThrow(
      new DataError(
        'CSV "new.csv": expected 2 columns (width, length), got 3 and no header; give the columns in this order, or a header with these names.',
      ),
    );
  });

  test("must have every feature", () => {
    expect(() => parseFeatures("witdh,length\n1,2", { featureNames })).toThrow(
      new DataError(
        'CSV "data": no column "width" for the features; the columns are witdh, length. Did you mean "witdh"?',
      ),
    );
  });

  test("may be filled with the training rows' means, or dropped", () => {
    const text = "width,length\n,5\n3,?";
    expect([...parseFeatures(text, { featureNames, missing: [7, 8] }).inputs]).toEqual([
      7, 5, 3, 8,
    ]);
    const dropped = parseFeatures(`${text}\n1,2`, { featureNames, missing: "drop" });
    expect(dropped.lines).toEqual([4]);
    expect(() => parseFeatures(text, { featureNames })).toThrow(/line 2: column "width"/);
  });
});

test("the delimiter of a table of two columns and one row is found", () => {
  const { inputs } = parseFeatures("x;y\n1;2\n", { featureNames: ["x", "y"] });
  expect(inputs).toEqual(Float64Array.of(1, 2));
});
