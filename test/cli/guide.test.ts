import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { experiments } from "../../experiments/index.ts";
import { settings } from "../../src/cli/settings.ts";
import { experimentSchema } from "../../src/config/index.ts";
import { joinTable, layerTable } from "../../src/config/layers.ts";
import { lossTable } from "../../src/config/losses.ts";
import { optimizerTable, wrapperTable } from "../../src/config/optimizers.ts";
import { scheduleTable } from "../../src/config/schedules.ts";

const guide = readFileSync(
  join(import.meta.dirname, "..", "..", "docs", "guides", "command-line.md"),
  "utf8",
);

test("the guide names every option, variable, key and experiment", () => {
  const flags = Object.values(settings).map(({ flags }) => `\`${flags.split(" ")[0]}\``);
  const variables = Object.values(settings).flatMap((setting) =>
    "environment" in setting ? [`\`${setting.environment}\``] : [],
  );
  const keys = Object.keys(experimentSchema.shape).map((key) => `| \`${key}\` |`);
  const names = Object.keys(experiments).map((name) => `| \`${name}\` |`);
  const missing = [...flags, ...variables, ...keys, ...names].filter(
    (text) => !guide.includes(text),
  );
  expect(missing).toEqual([]);
});

test("the guide names every kind that a configuration may name", () => {
  const [, kinds] = guide.split("### Kinds");
  const [section] = kinds.split("\n## ");
  const tables = [layerTable, joinTable, lossTable, optimizerTable, wrapperTable, scheduleTable];
  const names = tables.flatMap((table) => Object.keys(table));
  expect(names.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
});
