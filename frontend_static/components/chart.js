// A measured line with its allowed band. Readable in print and by screen readers: title, description, a table behind it.

import { html } from "../lib/html.js";
import { band, beyond, line, scales } from "./sparkline.js";

const WIDTH = 320;
const HEIGHT = 120;
const EDGE = { top: 14, right: 8, bottom: 18, left: 8 };

/** `series` as passport/measures.js makes it; `words`: `{title, description, low, high, first, last}`, written by the caller;
 *  `id` is unique in the page. */
export function chart(series, words, id) {
  const { x, y } = scales(series, WIDTH, HEIGHT, EDGE);
  const outside = series.points.filter(({ value }) => beyond(value, series));
  const [right, bottom] = [WIDTH - EDGE.right, HEIGHT - EDGE.bottom];
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-desc">
    <title id="${id}-title">${words.title}</title><desc id="${id}-desc">${words.description}</desc>
    ${band(series, EDGE.left, right, y)}
    ${series.high !== null && html`<text class="limit" x="${right - 4}" y="${(y(series.high) + 11).toFixed(1)}" text-anchor="end">${words.high}</text>`}
    ${series.low !== null && html`<text class="limit" x="${right - 4}" y="${(y(series.low) - 3).toFixed(1)}" text-anchor="end">${words.low}</text>`}
    <polyline class="line" points="${line(series, x, y)}"/>
    ${outside.map((point) => cross(x(point.time), y(point.value)))}
    <text class="time" x="${EDGE.left}" y="${bottom + 14}">${words.first}</text>
    <text class="time" x="${right}" y="${bottom + 14}" text-anchor="end">${words.last}</text>
  </svg>`;
}

function cross(x, y) {
  return html`<path class="breach" d="M${(x - 3).toFixed(1)} ${(y - 3).toFixed(1)}l6 6m0-6l-6 6"/>`;
}
