/** Numbers and names as people read them in labels and sentences. */

/** A loss or another real number with three significant digits: 0.0832, 12.4, 3.1e-6. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    return value.toExponential(1).replace(".0e", "e").replace("e+", "e");
  }
  if (size >= 1000) return formatCount(Math.round(value));
  return String(Number(value.toPrecision(3)));
}

/** A share as a percentage with one digit: 0.9667 is "96.7 %". */
export function formatPercent(share: number): string {
  if (!Number.isFinite(share)) return String(share);
  const text = (share * 100).toFixed(1);
  // Rounding must not turn "almost all" into "all", nor "hardly any" into "none".
  if (text === "100.0" && share < 1) return "> 99.9 %";
  if (text === "0.0" && share > 0) return "< 0.1 %";
  return `${text.replace(/\.0$/, "")} %`;
}

/** A count with thin spaces between thousands: 60 000. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** A number and its noun, in the plural unless the number is one. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Class names fit for axes and legends: not empty, shortened, and each different from the others. */
export function labelNames(names: readonly string[], longest = 24): string[] {
  const seen = new Set<string>();
  return names.map((name, index) => {
    const plain = name.replace(/\s+/g, " ").trim() || `class ${index}`;
    const short = plain.length > longest ? `${plain.slice(0, longest - 1)}…` : plain;
    let label = short;
    for (let copy = 2; seen.has(label); copy++) label = `${short} (${copy})`;
    seen.add(label);
    return label;
  });
}

/** "a", "a and b", "a, b and c". */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}
