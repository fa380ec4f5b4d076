import { cpSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { experiments } from "../../experiments/index.ts";
import { file, jsonLines, run, temporaryFolder } from "./run.testing.ts";

const cwd = temporaryFolder();

const flowers = "sepal_length,sepal_width,petal_length,petal_width,species";

beforeAll(async () => {
  const trained = await run(["train", "iris", "--epochs", "2", "--out", "trained"], { cwd });
  expect(trained.err).toContain("epoch 2/2");
});

/** Expects a command to fail with exactly this message. */
async function refuses(words: readonly string[], code: number, message: string, env = {}) {
  const result = await run(words, { cwd, env });
  expect(result.err).toBe(`${message}\n`);
  expect(result.out).toBe("");
  expect(result.code).toBe(code);
}

describe("experiments and configurations", () => {
  const names = Object.keys(experiments).join(", ");

  test("an unknown experiment, with a suggestion", () =>
    refuses(
      ["train", "irsi"],
      2,
      `chainrule: No experiment "irsi". Did you mean "iris"? The experiments are ${names}; ` +
        "or give a .json or .ts configuration, a .csv file with --target, or the folder of a run.",
    ));

  test("an unknown command, with a suggestion", () =>
    refuses(
      ["trian", "iris"],
      2,
      "error: unknown command 'trian'\n(Did you mean train?)\n(--help shows the options)",
    ));

  test("an unknown option, with a suggestion", () =>
    refuses(
      ["train", "iris", "--sede", "3"],
      2,
      "error: unknown option '--sede'\n(Did you mean --seed?)\n(--help shows the options)",
    ));

  test("an unknown key in --set, with the known ones and a suggestion", () =>
    refuses(
      ["train", "iris", "--set", "optimizer.learningrate=0.1"],
      2,
      'chainrule: --set optimizer.learningrate=0.1: optimizer has no key "learningrate", expected one of ' +
        'kind, learningRate, beta1, beta2, epsilon, weightDecay, amsgrad; did you mean "learningRate"?',
    ));

  test("a value of the wrong type in --set", () =>
    refuses(
      ["train", "iris", "--set", "epochs=many"],
      2,
      'chainrule: --set epochs=many: epochs: expected a number, got "many".',
    ));

  test("--set without a value", () =>
    refuses(
      ["train", "iris", "--set", "epochs"],
      2,
      'chainrule: --set: expected key=value, such as optimizer.learningRate=0.001, got "epochs".',
    ));

  test("an environment variable that is not valid is named", () =>
    refuses(
      ["train", "iris"],
      2,
      'chainrule: CHAINRULE_BACKEND=gpu: backend: expected "wasm" or "reference", got "gpu".',
      { CHAINRULE_BACKEND: "gpu" },
    ));

  test("no thread", () =>
    refuses(
      ["train", "iris", "--threads", "0"],
      2,
      "chainrule: --threads 0: threads: expected a number of at least 1, got 0.",
    ));

  test("several problems of a configuration file, one a line", () => {
    const config = { data: { dataset: "moon" }, network: [], batchsize: 3 };
    file(cwd, "broken.json", JSON.stringify(config));
    return refuses(
      ["train", "broken.json"],
      2,
      'chainrule: Config "broken.json": data.dataset: expected one of iris, digits, twoSpirals, noisySpirals, ' +
        'moons, circles, xor, blobs, mnist, fashionMnist, imageFolder, csv, got "moon"; did you mean "moons"?\n' +
        'Config "broken.json": network: expected at least 1 entry, got [].\n' +
        'Config "broken.json": there is no key "batchsize", expected one of name, description, data, split, ' +
        "standardize, network, loss, optimizer, schedule, epochs, batchSize, shuffle, augment, earlyStopping, classWeights, seed, " +
        'dtype, backend, mode, threads, report; did you mean "batchSize"?',
    );
  });

  test("a configuration that is not JSON", async () => {
    file(cwd, "text.json", "{ data: }");
    const { code, err } = await run(["train", "text.json"], { cwd });
    expect(err).toMatch(/^chainrule: File "text.json": expected JSON: .+\.\n$/);
    expect(code).toBe(1);
  });

  test("missing units before the last layer", () =>
    refuses(
      ["train", "iris", "--set", "network.0=linear"],
      2,
      'chainrule: network.0: a linear layer needs its units, such as { "kind": "linear", "units": 16 }; ' +
        "only the last one's follow from the classes.",
    ));

  test("features of the decision boundary that do not exist", () =>
    refuses(
      ["train", "iris", "--boundary", "petal_length,colour"],
      2,
      "chainrule: report.boundary: expected two of the features sepal_length, sepal_width, petal_length, " +
        "petal_width, got petal_length, colour.",
    ));
});

describe("data", () => {
  test("a CSV file without --target, with its columns", () => {
    file(cwd, "flowers.csv", `${flowers}\n5.1,3.5,1.4,0.2,setosa\n6.4,3.2,4.5,1.5,versicolor\n`);
    return refuses(
      ["train", "flowers.csv"],
      2,
      'chainrule: CSV "flowers.csv": expected --target with the column to predict, got none; the columns are ' +
        "sepal_length, sepal_width, petal_length, petal_width, species.",
    );
  });

  test("a CSV file that does not have the target", () => {
    file(cwd, "flowers.csv", `${flowers}\n5.1,3.5,1.4,0.2,setosa\n6.4,3.2,4.5,1.5,versicolor\n`);
    return refuses(
      ["train", "flowers.csv", "--target", "specis"],
      1,
      'chainrule: CSV "flowers.csv": no column "specis" for the target; the columns are sepal_length, ' +
        'sepal_width, petal_length, petal_width, species. Did you mean "species"?',
    );
  });

  test("text in a numeric column", () => {
    file(cwd, "text.csv", "a,b,y\n1,2,x\n2,oops,z\n3,4,x\n");
    return refuses(
      ["train", "text.csv", "--target", "y"],
      1,
      'chainrule: CSV "text.csv", line 3: column "b" has the text "oops", expected a number; correct it, add it ' +
        "to missingValues if it marks a missing value, or leave the column out of the features.",
    );
  });

  test("an empty CSV file", () => {
    file(cwd, "empty.csv", "");
    return refuses(
      ["train", "empty.csv", "--target", "y"],
      1,
      'chainrule: CSV "empty.csv": expected rows of data, got an empty file.',
    );
  });

  test("a single class", () => {
    file(cwd, "one.csv", "a,y\n1,x\n2,x\n3,x\n");
    return refuses(
      ["train", "one.csv", "--target", "y"],
      1,
      'chainrule: CSV "one.csv": the target column "y" has only one class ("x") in 3 rows, expected at least ' +
        "two; choose another target column, or add rows of another class.",
    );
  });

  test("rows of another shape than the network takes", () => {
    file(cwd, "narrow.csv", "sepal_length,sepal_width\n5.1,3.5\n");
    return refuses(
      ["predict", "trained", "narrow.csv"],
      1,
      'chainrule: CSV "narrow.csv": no column "petal_length" for the features; the columns are sepal_length, ' +
        'sepal_width. Did you mean "sepal_length"?',
    );
  });

  test("rows of another length, without a header", () => {
    file(cwd, "short.csv", "5.1,3.5,1.4\n6.4,3.2,4.5\n");
    return refuses(
      ["predict", "trained", "short.csv"],
      1,
      'chainrule: CSV "short.csv": expected 4 columns (sepal_length, sepal_width, petal_length, petal_width), ' +
        "got 3 and no header; give the columns in this order, or a header with these names.",
    );
  });

  test("a label out of range: a class that the network does not know", () => {
    file(cwd, "tulips.csv", `${flowers}\n5.1,3.5,1.4,0.2,setosa\n6.4,3.2,4.5,1.5,tulip\n`);
    return refuses(
      ["evaluate", "trained", "--data", "tulips.csv", "--target", "species"],
      1,
      'chainrule: CSV "tulips.csv", line 3: column "species" has the class "tulip", expected one that the ' +
        "network knows: setosa, versicolor, virginica.",
    );
  });

  test("a test file without the column of the right answers", () => {
    file(cwd, "flowers.csv", `${flowers}\n5.1,3.5,1.4,0.2,setosa\n`);
    return refuses(
      ["evaluate", "trained", "--data", "flowers.csv"],
      2,
      "chainrule: --data: expected --target with the column of the right answers, got none.",
    );
  });
});

describe("folders and files of a run", () => {
  test("an output folder that cannot be written, before training", () => {
    file(cwd, "taken", "");
    return refuses(
      ["train", "iris", "--out", "taken/run"],
      1,
      "chainrule: Cannot write the run to taken/run: a part of the path is a file (ENOTDIR); choose another " +
        "folder with --out.",
    );
  });

  test("an output folder with other files", async () => {
    const { code, err } = await run(["train", "iris", "--out", "."], { cwd });
    expect(err).toBe(
      "chainrule: --out .: expected a new or empty folder, or one of an earlier run, got one with other files; " +
        "choose another.\n",
    );
    expect(code).toBe(1);
  });

  test("a truncated weights file", () => {
    cpSync(join(cwd, "trained"), join(cwd, "truncated"), { recursive: true });
    const weights = join("truncated", "last", "weights.safetensors");
    truncateSync(join(cwd, weights), readFileSync(join(cwd, weights)).length - 10);
    file(cwd, "flowers.csv", `${flowers}\n5.1,3.5,1.4,0.2,setosa\n`);
    return refuses(
      ["predict", "truncated", "flowers.csv"],
      1,
      `chainrule: ${weights}: not a valid safetensors file: tensor "2.bias" ends at byte 364, only 354 bytes ` +
        "of data follow; it may be truncated.",
    );
  });

  test("a run that does not exist, with a suggestion", async () => {
    await run(["train", "xor", "--epochs", "1", "--quiet"], { cwd });
    await refuses(
      ["evaluate", "xr-seed0"],
      2,
      'chainrule: No run "xr-seed0": expected the folder that train wrote, such as runs/iris-seed0. ' +
        'Did you mean "runs/xor-seed0"?',
    );
  });
});

describe("training that breaks", () => {
  test("a loss that is not finite names the step, the layer and what to try", async () => {
    const words = ["train", "iris", "--quiet", "--set", "optimizer.kind=sgd"];
    const { code, err } = await run([...words, "--set", "optimizer.learningRate=1e12"], { cwd });
    expect(err).toMatch(/^chainrule: Training broke at step \d+ .+ Try a smaller learning rate/s);
    expect(code).toBe(1);
  });

  test("with --json the error is a line of data, too", async () => {
    const { code, out } = await run(["train", "irsi", "--json"], { cwd });
    expect(jsonLines(out)).toMatchObject([
      { type: "error", code: "CHAINRULE_USAGE", message: expect.stringContaining('"iris"') },
    ]);
    expect(code).toBe(2);
  });
});
