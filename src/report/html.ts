/** HTML in template strings, where every inserted value is escaped unless it is HTML already. */

import { escapeMarkup } from "../figures/index.ts";

/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Insert = Html | string | number | undefined | false | readonly Insert[];

/** Joins literal HTML with inserted values; `undefined` and `false` vanish, lists are joined.
 *
 * @example
 * html`<td>${"<script>"}</td>`.text; // "<td>&lt;script&gt;</td>"
 */
export function html(literals: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  return new Html(
    literals.reduce((text, literal, i) => text + insertText(inserts[i - 1]) + literal),
  );
}

function insertText(insert: Insert): string {
  if (insert === undefined || insert === false) return "";
  if (insert instanceof Html) return insert.text;
  if (typeof insert === "object") return insert.map(insertText).join("");
  return escapeMarkup(String(insert));
}

/** A column of a table: numbers are set right and in tabular figures. */
export interface Column {
  readonly title: string;
  readonly isNumeric?: boolean;
}

/** A table with a caption for readers who cannot see what it belongs to. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (string | number | Html)[])[],
  footer?: readonly (string | number)[],
): Html {
  const kind = (i: number) => (columns[i].isNumeric ? "number" : "words");
  const cells = (row: readonly (string | number | Html)[]) =>
    row.map((cell, i) =>
      i === 0
        ? html`<th scope="row" class="${kind(i)}">${cell}</th>`
        : html`<td class="${kind(i)}">${cell}</td>`,
    );
  return html`<div class="table"><table>
<caption>${caption}</caption>
<thead><tr>${columns.map(({ title }, i) => html`<th scope="col" class="${kind(i)}">${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody>
${footer && html`<tfoot><tr>${cells(footer)}</tr></tfoot>`}
</table></div>`;
}

/** Names and values, one pair a line. */
export function facts(pairs: readonly (readonly [string, string | number])[]): Html {
  return html`<dl class="facts">${pairs.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`,
  )}</dl>`;
}
