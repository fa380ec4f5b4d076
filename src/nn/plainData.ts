/** What JSON can hold. */

/** Whether JSON gives a value back as it is; fields that are undefined are left out. */
export function isPlainData(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isPlainData);
  if (typeof value === "object" && value !== null) {
    return (
      Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlainData)
    );
  }
  if (typeof value === "number") return Number.isFinite(value);
  return value === null || ["string", "boolean", "undefined"].includes(typeof value);
}
