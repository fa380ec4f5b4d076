/** What is wrong with a configuration, in words: where, what was expected, what came, what to do. */

import { z } from "zod";
import { listWords } from "../figures/index.ts";
import { nearestName } from "../util/index.ts";

/** One problem and the path of the value that has it. */
export interface Problem {
  readonly path: readonly string[];
  readonly message: string;
}

/** The problems of a validation, each as a sentence without its end. */
export function problemsOf(error: z.ZodError, schema: z.ZodType, value: unknown): Problem[] {
  return error.issues.flatMap((issue) => describe(issue, schema, value));
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): Problem[] {
  const path = issue.path.map(String);
  const where = path.join(".");
  const received = shown(valueAt(value, path));
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: unknownKey(where, key, keysAt(schema, value, path)),
      }));
    case "invalid_union": {
      if (issue.discriminator === undefined) {
        const branches = issue.errors.flat().map((branch) => expectation(branch));
        const expected = listWords([...new Set(branches)]).replace(/ and (?!.* and )/, " or ");
        return [{ path, message: `${where}: expected ${expected}, got ${received}` }];
      }
      const names = ((issue as { options?: unknown[] }).options ?? []).map(String);
      const got = valueAt(value, path);
      const near = typeof got === "string" ? nearestName(got, names) : undefined;
      const advice = near === undefined ? "" : `; did you mean "${near}"?`;
      const expected = `one of ${names.join(", ")}`;
      return [{ path, message: `${where}: expected ${expected}, got ${received}${advice}` }];
    }
    case "custom":
      return [{ path, message: `${where}: ${issue.message}` }];
    default:
      return [
        {
          path,
          message: `${where && `${where}: `}expected ${expectation(issue)}, got ${received}`,
        },
      ];
  }
}

function unknownKey(where: string, key: string, known: readonly string[]): string {
  const near = nearestName(key, known);
  const advice = near === undefined ? "" : `; did you mean "${near}"?`;
  const owner = where === "" ? "there is no key" : `${where} has no key`;
  return `${owner} "${key}", expected one of ${known.join(", ")}${advice}`;
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return article(issue.expected);
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ");
    case "too_small":
      return bound(issue.origin, issue.inclusive ? "at least" : "more than", issue.minimum);
    case "too_big":
      return bound(issue.origin, issue.inclusive ? "at most" : "less than", issue.maximum);
    default:
      return issue.message.replace(/^expected /i, "");
  }
}

function bound(origin: string, relation: string, limit: number | bigint): string {
  if (origin === "string") return limit === 1 ? "a text" : `${relation} ${limit} characters`;
  if (origin === "array") return `${relation} ${limit} ${limit === 1 ? "entry" : "entries"}`;
  return `a number of ${relation} ${limit}`.replace("of more", "more").replace("of less", "less");
}

function article(type: string): string {
  const names: Readonly<Record<string, string>> = {
    int: "a whole number",
    string: "a text",
    boolean: "true or false",
    object: "an object",
    array: "a list",
    tuple: "a list",
  };
  return names[type] ?? `a ${type}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) return "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (part as Record<string, unknown> | undefined)?.[key],
    value,
  );
}

/** The keys that an object at `path` may have; of a union, those of the kind that the value names. */
function keysAt(schema: z.ZodType, value: unknown, path: readonly string[]): string[] {
  const inner = unwrapped(schema, value);
  const [key, ...rest] = path;
  if (inner instanceof z.ZodObject) {
    if (key === undefined) return Object.keys(inner.shape);
    const part = inner.shape[key];
    return part === undefined ? [] : keysAt(part as z.ZodType, valueAt(value, [key]), rest);
  }
  if (inner instanceof z.ZodArray && key !== undefined) {
    return keysAt(inner.element as z.ZodType, valueAt(value, [key]), rest);
  }
  return [];
}

function unwrapped(schema: z.ZodType, value: unknown): z.ZodType {
  if (
    schema instanceof z.ZodLazy ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrapped(schema.unwrap() as z.ZodType, value);
  }
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return schema;
  const { discriminator } = schema.def;
  const named = (value as Record<string, unknown> | undefined)?.[discriminator];
  const option = schema.options.find((each) => {
    const literal = (each as z.ZodObject).shape[discriminator];
    return literal instanceof z.ZodLiteral && literal.values.has(named as never);
  });
  return (option as z.ZodType | undefined) ?? schema;
}
