import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError, ShapeError, UsageError } from "../util/index.ts";
import { Dataset, type DatasetOptions } from "./dataset.ts";
import { iris } from "./embedded.ts";

const options: DatasetOptions = {
  name: "x",
  inputs: Float64Array.of(1, 2, 3, 4, 5, 6),
  inputShape: [2],
  targets: Int32Array.of(0, 1, 2),
  classNames: ["a", "b", "c"],
  featureNames: ["f", "g"],
};

const make = (changes: Partial<DatasetOptions> = {}) => new Dataset({ ...options, ...changes });

describe("construction", () => {
  test("a classification set knows its length, classes and task", () => {
    const set = make();
    expect(set.length).toBe(3);
    expect(set.classCount).toBe(3);
    expect(set.task).toBe("classification");
    expect(set.labels).toBe(options.targets);
    expect(Object.isFrozen(set)).toBe(true);
  });

  test("a regression set may have several targets in a row", () => {
    const targets = Float64Array.of(1, 2, 3, 4, 5, 6);
    const set = make({ targets, targetShape: [2], classNames: undefined });
    expect(set.task).toBe("regression");
    expect(set.classCount).toBe(0);
    expect(set.targetSize).toBe(2);
    expect(() => set.labels).toThrow(DataError);
    expect([...set.subset([2, 0]).targets]).toEqual([5, 6, 1, 2]);
  });

  test("class names are counted out when only class indices are given", () => {
    const set = make({ classNames: undefined, targets: Int32Array.of(0, 3, 1) });
    expect(set.classNames).toEqual(["0", "1", "2", "3"]);
  });

  test.each<[string, Partial<DatasetOptions>, string]>([
    [
      "label too large",
      { targets: Int32Array.of(0, 1, 7) },
      'Dataset "x": row 2 has label 7, expected 0 to 2.',
    ],
    [
      "label below zero",
      { targets: Int32Array.of(0, -1, 2), classNames: undefined },
      'Dataset "x": row 1 has label -1, expected 0 or more for a class index.',
    ],
    [
      "no rows",
      { inputs: new Float64Array(0), targets: new Int32Array(0) },
      'Dataset "x": expected at least one row, got none.',
    ],
    [
      "input not finite",
      { inputs: Float64Array.of(1, 2, 3, Number.NaN, 5, 6), featureNames: undefined },
      'Dataset "x": row 1 has NaN in input 1, expected a finite number; correct it, or drop or fill the row.',
    ],
    [
      "target not finite",
      { targets: Float64Array.of(1, Number.POSITIVE_INFINITY, 3), classNames: undefined },
      'Dataset "x": row 1 has Infinity in target, expected a finite number; correct it, or drop or fill the row.',
    ],
  ])("%s", (_, changes, message) => {
    expect(() => make(changes)).toThrow(new DataError(message));
  });

  test("a value that is not finite is located by its feature's name", () => {
    const inputs = Float64Array.of(1, 2, 3, 4, Number.NEGATIVE_INFINITY, 6);
    expect(() => make({ inputs })).toThrow(/row 2 has -Infinity in input "f"/);
  });

  test.each<[string, Partial<DatasetOptions>, string]>([
    [
      "inputs not in rows",
      { inputs: new Float64Array(5) },
      'Dataset "x": expected inputs in rows of 2 values (input shape [2]), got 5 values.',
    ],
    [
      "targets of another length",
      { targets: Int32Array.of(0, 1) },
      'Dataset "x": expected 3 target values for 3 rows, got 2.',
    ],
    [
      "a shape with a zero",
      { inputShape: [0] },
      'Dataset "x": expected positive whole numbers in the input shape, got [0].',
    ],
    [
      "a target shape for classes",
      { targets: new Int32Array(6), targetShape: [2] },
      'Dataset "x": expected target shape [] for class indices, got [2].',
    ],
  ])("%s", (_, changes, message) => {
    expect(() => make(changes)).toThrow(new ShapeError(message));
  });

  test("names that do not fit are refused", () => {
    expect(() => make({ featureNames: ["f"] })).toThrow(UsageError);
    expect(() => make({ classNames: ["a", "a", "b"] })).toThrow(/distinct class names/);
    expect(() => make({ targets: new Float64Array(3) })).toThrow(/leave classNames out/);
  });
});

describe("parts", () => {
  test("a subset takes rows in the order given", () => {
    const part = make().subset([2, 0, 2], "part");
    expect(part.name).toBe("part");
    expect([...part.inputs]).toEqual([5, 6, 1, 2, 5, 6]);
    expect([...part.targets]).toEqual([2, 0, 2]);
    expect(part.classNames).toEqual(["a", "b", "c"]);
    expect(() => make().subset([0, 3])).toThrow(
      new DataError('Dataset "x": expected row indices from 0 to 2, got 3 at position 1.'),
    );
  });

  test("rows are a view", () => {
    const set = make();
    expect([...set.rows(1).targets]).toEqual([1, 2]);
    expect([...set.rows(-1).targets]).toEqual([2]);
    expect(set.rows(0, 2).inputs.buffer).toBe(set.inputs.buffer);
    expect(() => set.rows(2, 1)).toThrow(DataError);
  });

  test("features are chosen by index and by name", () => {
    const petals = iris().withFeatures(["petal_width", 2]);
    expect(petals.inputShape).toEqual([2]);
    expect(petals.featureNames).toEqual(["petal_width", "petal_length"]);
    expect([...petals.inputs.subarray(0, 2)]).toEqual([0.2, 1.4]);
    expect(() => make().withFeatures(["h"])).toThrow(
      new UsageError('Dataset "x": unknown feature "h"; expected f, g.'),
    );
    expect(() => make().withFeatures([2])).toThrow(/expected an index from 0 to 1/);
    expect(() => make({ inputShape: [2, 1] }).withFeatures([0])).toThrow(ShapeError);
  });

  test("inputs can be reshaped", () => {
    const set = make({ featureNames: undefined });
    expect(set.withInputs(set.inputs, [1, 2]).inputShape).toEqual([1, 2]);
    expect(() => set.withInputs(set.inputs, [3])).toThrow(ShapeError);
  });

  test("one-hot targets have the element type of the inputs", () => {
    expect(make().oneHotTargets()).toEqual(Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1));
    const narrow = make({ inputs: new Float32Array(6) });
    expect(narrow.oneHotTargets()).toBeInstanceOf(Float32Array);
  });

  test("classes are counted, absent ones included", () => {
    expect([...make({ targets: Int32Array.of(2, 2, 0) }).classCounts()]).toEqual([1, 0, 2]);
  });

  test("a shuffle keeps every row whole", () => {
    const shuffled = iris().shuffle(3);
    const rows = (set: Dataset) =>
      Array.from({ length: set.length }, (_, i) => [
        ...set.inputs.subarray(4 * i, 4 * i + 4),
        set.targets[i],
      ]);
    expect(rows(shuffled)).not.toEqual(rows(iris()));
    expect(rows(shuffled).sort()).toEqual(rows(iris()).sort());
    expect(iris().shuffle(3).inputs).toEqual(shuffled.inputs);
  });
});

describe("split", () => {
  /** A set whose only input is the row's number. */
  const numbered = (labels: readonly number[], classCount: number) =>
    new Dataset({
      name: "numbered",
      inputs: Float64Array.from(labels, (_, i) => i),
      inputShape: [1],
      targets: Int32Array.from(labels),
      classNames: Array.from({ length: classCount }, (_, c) => String(c)),
    });

  const cases = fc.record({
    labels: fc.array(fc.nat(3), { minLength: 2, maxLength: 60 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    stratify: fc.boolean(),
    shuffle: fc.boolean(),
    seed: fc.nat(),
  });

  test("the parts share no row, hold every row and have the exact sizes", () => {
    fc.assert(
      fc.property(cases, ({ labels, share, ...rest }) => {
        const count = 1 + Math.floor(share * (labels.length - 2));
        const { train, test: held } = numbered(labels, 4).split({ test: count, ...rest });
        expect(held.length).toBe(count);
        const rows = [...train.inputs, ...held.inputs].sort((a, b) => a - b);
        expect(rows).toEqual(labels.map((_, i) => i));
      }),
    );
  });

  test("a stratified part has every class within one row of its share", () => {
    fc.assert(
      fc.property(cases, ({ labels, share, shuffle, seed }) => {
        const count = 1 + Math.floor(share * (labels.length - 2));
        const whole = numbered(labels, 4);
        const { test: held } = whole.split({ test: count, stratify: true, shuffle, seed });
        const totals = whole.classCounts();
        held.classCounts().forEach((got, c) => {
          expect(Math.abs(got - (totals[c] * count) / labels.length)).toBeLessThan(1);
        });
      }),
    );
  });

  test("in order, the last rows are the test part", () => {
    const set = numbered([0, 1, 0, 1, 0, 1], 2);
    const plain = set.split({ test: 2, shuffle: false });
    expect([...plain.train.inputs]).toEqual([0, 1, 2, 3]);
    expect([...plain.test.inputs]).toEqual([4, 5]);
    const sorted = numbered([0, 0, 0, 1, 1, 1], 2);
    const stratified = sorted.split({ test: 2, shuffle: false, stratify: true });
    expect([...stratified.train.inputs]).toEqual([0, 1, 3, 4]);
    expect([...stratified.test.inputs]).toEqual([2, 5]);
  });

  test("the seed decides which rows are held out", () => {
    const held = (seed: number) => [...iris().split({ test: 0.2, seed }).test.inputs];
    expect(held(1)).toEqual(held(1));
    expect(held(1)).not.toEqual(held(2));
    const { train, test: part } = iris().split({ test: 0.2, stratify: true, seed: 1 });
    expect([...part.classCounts()]).toEqual([10, 10, 10]);
    expect([train.name, part.name]).toEqual(["iris (train)", "iris (test)"]);
  });

  test("a fraction is rounded to the nearest count", () => {
    const sizeOf = (rows: number, share: number) =>
      numbered(new Array<number>(rows).fill(0), 1).split({ test: share }).test.length;
    expect(sizeOf(14, 0.2)).toBe(3);
    expect(sizeOf(100, 0.07)).toBe(7);
    expect(sizeOf(11, 0.2)).toBe(2);
  });

  test("a share that leaves a part empty is refused", () => {
    const set = numbered([0, 1, 0], 2);
    expect(() => set.split({ test: 0.1 })).toThrow(
      new UsageError(
        "Split: test: 0.1 puts 0 of 3 rows into the test part; expected from 1 to 2, so that neither part is empty.",
      ),
    );
    expect(() => set.split({ test: 3 })).toThrow(/puts 3 of 3 rows/);
    expect(() => set.split({ test: 1.5 })).toThrow(
      new UsageError(
        "Split: expected test to be a fraction between 0 and 1 or a count of rows, got 1.5.",
      ),
    );
    expect(() => set.split({ test: Number.NaN })).toThrow(UsageError);
  });

  test("a regression set cannot be stratified", () => {
    const set = make({ targets: new Float64Array(3), classNames: undefined });
    expect(() => set.split({ test: 1, stratify: true })).toThrow(/regression targets/);
  });
});

describe("packed inputs", () => {
  const meanings = Float32Array.from({ length: 256 }, (_, code) => code / 10);
  const codes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
  const targets = Int32Array.of(0, 1, 0, 1);
  const packed = new Dataset({ name: "p", inputs: { codes, meanings }, inputShape: [2], targets });
  const plain = new Dataset({ ...packed, inputs: Float32Array.from(codes, (code) => code / 10) });

  test("give the values that the bytes mean, once, and as an option of another set", () => {
    expect(packed.inputs).toEqual(plain.inputs);
    expect(packed.inputs).toBe(packed.inputs);
    expect(packed.length).toBe(4);
    expect(new Dataset({ ...packed, name: "q" }).inputs).toBe(packed.inputs);
    expect(plain.packed).toBeUndefined();
  });

  test("stay packed in subsets, ranges, splits and under other names", () => {
    const changes: ((set: Dataset) => Dataset)[] = [
      (set) => set.subset([3, 0]),
      (set) => set.rows(1, 3),
      (set) => set.split({ test: 2, seed: 1 }).train,
      (set) => set.shuffle(2),
      (set) => set.withName("other"),
    ];
    for (const change of changes) {
      const [one, other] = [change(packed), change(plain)];
      expect(one.packed).toBeDefined();
      expect(one.inputs).toEqual(other.inputs);
      expect(one.targets).toEqual(other.targets);
      expect(one.name).toBe(other.name);
    }
    expect(packed.withFeatures([1]).inputs).toEqual(plain.withFeatures([1]).inputs);
    expect(packed.oneHotTargets()).toEqual(plain.oneHotTargets());
  });

  test("rows are written into other arrays as those of plain inputs", () => {
    for (const set of [packed, plain]) {
      const inputs = new Float64Array(6);
      const labels = new Int32Array(2);
      set.writeInputs(Int32Array.of(2, 0), inputs);
      set.writeTargets(Int32Array.of(3, 0), labels);
      expect([...inputs]).toEqual([0.5, 0.6, 0.1, 0.2, 0, 0].map(Math.fround));
      expect([...labels]).toEqual([1, 0]);
    }
  });

  test("are unpacked four at a time or one by one, wherever the bytes begin", () => {
    const bytes = Uint8Array.from({ length: 103 }, (_, i) => (i * 37) % 256);
    const many = Int32Array.of(4, 0, 2);
    for (const size of [1, 3, 4, 8]) {
      for (const start of [0, 1, 3, 4]) {
        const codes = bytes.subarray(start, start + 5 * size);
        const set = { name: "s", inputs: { codes, meanings }, inputShape: [size] };
        const target = new Float32Array(3 * size);
        new Dataset({ ...set, targets: new Int32Array(5) }).writeInputs(many, target);
        const expected = [...many].flatMap((row) =>
          Array.from(codes.subarray(row * size, row * size + size), (code) => meanings[code]),
        );
        expect([...target]).toEqual(expected);
      }
    }
  });

  test("are refused where a byte that occurs means no finite number", () => {
    const odd = meanings.with(6, Number.NaN);
    const make = () => new Dataset({ ...packed, inputs: { codes, meanings: odd } });
    expect(make).toThrow('Dataset "p": row 2 has NaN in input 1, expected a finite number');
    const unused = meanings.with(9, Number.NaN);
    expect(new Dataset({ ...packed, inputs: { codes, meanings: unused } }).length).toBe(4);
  });
});
