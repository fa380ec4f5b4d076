/** Text made safe for XML and HTML, in elements and in attributes. */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for XML and HTML; characters that XML 1.0 forbids become U+FFFD.
 *
 * @example
 * escapeMarkup("<script>"); // "&lt;script&gt;"
 */
export function escapeMarkup(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters XML forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
      .replace(/\p{Surrogate}/gu, "\ufffd")
      .replace(/[&<>"']/g, (character) => entities[character])
  );
}
