/** From a configuration as written to a validated one with every default filled in. */

import { UsageError } from "../util/index.ts";
import { applyOverride, type Override } from "./overrides.ts";
import { type Problem, problemsOf } from "./problems.ts";
import { experimentSchema, type ResolvedConfig } from "./schema.ts";
import { spelledOut } from "./spelling.ts";

/** Validates a configuration.
 *
 * @param written what the user wrote: plain JSON
 * @param options.where opens the messages: `Config "my.json"`
 * @param options.overrides changes of single keys, applied in order
 * @throws UsageError with every problem: where, what was expected, what came
 * @example
 * resolveConfig({ data: { dataset: "iris" }, network: ["linear"] }).epochs; // 100
 */
export function resolveConfig(
  written: unknown,
  {
    where = "Config",
    overrides = [],
  }: { readonly where?: string; readonly overrides?: readonly Override[] } = {},
): ResolvedConfig {
  const value = overrides.reduce<unknown>(
    (config, override) => spelledOut(applyOverride(config, override)),
    spelledOut(written),
  );
  const result = experimentSchema.safeParse(value);
  if (result.success) return result.data;
  const lines = problemsOf(result.error, experimentSchema, value).map((problem) => {
    const end = problem.message.endsWith("?") ? "" : ".";
    return `${sourceOf(problem, where, overrides)}: ${problem.message}${end}`;
  });
  throw new UsageError(lines.join("\n"));
}

/** The change on the command line that a problem comes from, or the file. */
function sourceOf({ path }: Problem, where: string, overrides: readonly Override[]): string {
  const isWithin = (inner: readonly string[], outer: readonly string[]) =>
    outer.every((key, i) => inner[i] === key);
  const cause = overrides.findLast(
    (override) => isWithin(path, override.path) || isWithin(override.path, path),
  );
  return cause === undefined ? where : cause.source;
}
