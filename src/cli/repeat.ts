/** The command line that repeats a run. */

import type { Override } from "../config/index.ts";

/** Options that say where a run goes and how it is shown, not what it computes. */
const plain = new Set(["--json", "--quiet", "-q"]);
const withValue = ["--out", "--min-accuracy", "--checkpoint-every", "--log-every"];

/** The command as it was typed, without what does not change the result, and with its seed.
 *
 * @param words the words after `train`
 * @param overrides what they and the environment changed
 */
export function repeatCommand(
  words: readonly string[],
  overrides: readonly Override[],
  seed: number,
): string {
  const kept = words.filter((word, i) => {
    const isValue = withValue.includes(words[i - 1]);
    const isOption = plain.has(word) || withValue.some((name) => word.split("=")[0] === name);
    return !isValue && !isOption;
  });
  const fromEnvironment = overrides
    .filter(({ source, path }) => source.startsWith("CHAINRULE_") && path[0] !== "seed")
    .flatMap(({ path, value }) => ["--set", `${path.join(".")}=${JSON.stringify(value)}`]);
  const hasSeed = kept.some((word) => word.split("=")[0] === "--seed");
  const seedWords = hasSeed ? [] : ["--seed", String(seed)];
  const all = ["npx", "chainrule", "train", ...kept, ...fromEnvironment, ...seedWords];
  return all.map(quoted).join(" ");
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
