/** Choosing parameters by patterns of their paths. */

import { UsageError } from "../util/index.ts";

/** Paths such as `0.weight`, with `*` for any text; a name without dot or star means the parameters of
 * that name in every layer: `bias` is `bias` and `*.bias`. */
export type PathPattern = string | readonly string[];

/** Whether one of the patterns fits a path. */
export function matches(pattern: PathPattern, path: string): boolean {
  return patterns(pattern).some((each) => expressionOf(each).test(path));
}

/** @throws UsageError for a pattern that fits no path. */
export function expectMatches(who: string, pattern: PathPattern, paths: Iterable<string>): void {
  const known = [...paths];
  for (const each of patterns(pattern)) {
    if (known.some((path) => matches(each, path))) continue;
    throw new UsageError(
      `Optimizer ${who}: expected a parameter that fits "${each}", got none; the network has ` +
        `${known.join(", ")}.`,
    );
  }
}

function patterns(pattern: PathPattern): readonly string[] {
  return typeof pattern === "string" ? [pattern] : pattern;
}

function expressionOf(pattern: string): RegExp {
  const text = pattern.replace(/[\\^$+?.()|[\]{}]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(/[.*]/.test(pattern) ? `^${text}$` : `^(.*\\.)?${text}$`);
}
