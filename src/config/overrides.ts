/** Changes of single keys, such as `optimizer.learningRate=0.001`, before a configuration is validated. */

import { UsageError } from "../util/index.ts";

/** A key's path and its new value. */
export interface Override {
  /** Opens the messages about it: `--set epochs=3`, `--epochs 3` or `CHAINRULE_EPOCHS=3`. */
  readonly source: string;
  readonly path: readonly string[];
  /** Undefined takes the key out. */
  readonly value: unknown;
}

/** Reads `path=value`: the path with dots, the value as JSON or else as a text; null takes the key out.
 *
 * @throws UsageError when there is no path or no equals sign
 * @example
 * parseOverride("optimizer.learningRate=0.001").value; // 0.001
 */
export function parseOverride(text: string): Override {
  const at = text.indexOf("=");
  const path = text.slice(0, Math.max(at, 0)).trim().split(".");
  if (at < 0 || path.some((key) => key === "")) {
    throw new UsageError(
      `--set: expected key=value, such as optimizer.learningRate=0.001, got "${text}".`,
    );
  }
  return { source: `--set ${text}`, path, value: parseValue(text.slice(at + 1).trim()) };
}

/** A value as written on a command line: JSON, or else a text; null takes the key out. */
export function parseValue(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return text;
  }
}

/** The configuration with the change, which may add keys; validation follows.
 *
 * @throws UsageError for a path that goes through a value that has no keys
 */
export function applyOverride(config: unknown, override: Override): unknown {
  return changed(config, override, 0);
}

function changed(value: unknown, override: Override, depth: number): unknown {
  const { path, source } = override;
  if (depth === path.length) return override.value;
  const key = path[depth];
  if (value === undefined) return { [key]: changed(undefined, override, depth + 1) };
  if (typeof value !== "object" || value === null) {
    const where = path.slice(0, depth).join(".");
    throw new UsageError(
      `${source}: ${where} is ${JSON.stringify(value)} and has no keys; set ${where} itself.`,
    );
  }
  if (!Array.isArray(value)) {
    const own = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    return { ...value, [key]: changed(own, override, depth + 1) };
  }
  const index = Number(key);
  if (!Number.isInteger(index) || index < 0 || index >= value.length) {
    const where = path.slice(0, depth).join(".");
    throw new UsageError(
      `${source}: ${where} is a list, expected a number from 0 to ${value.length - 1}, got "${key}".`,
    );
  }
  return value.with(index, changed(value[index], override, depth + 1));
}
