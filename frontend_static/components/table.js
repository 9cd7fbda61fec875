// A table that becomes a list of cards on narrow screens. Roles are written out, since `display: block` drops them.

import { html } from "../lib/html.js";

/** `columns`: their names; `rows`: lists of cells, the first of which names its row. `caption` is for screen readers. */
export function table(caption, columns, rows) {
  return html`<table class="table" role="table"><caption class="unseen">${caption}</caption>
    <thead role="rowgroup"><tr role="row">${columns.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr></thead>
    <tbody role="rowgroup">${rows.map((cells) => html`<tr role="row">${cells.map((cell, i) => (i === 0
      ? html`<th role="rowheader" scope="row">${cell}</th>`
      : html`<td role="cell" data-label="${columns[i]}"><div>${cell}</div></td>`))}</tr>`)}</tbody></table>`;
}
