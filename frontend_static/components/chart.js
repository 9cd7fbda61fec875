// A measured line with its allowed band. Readable in print and by screen readers: title, description, a table behind it.

import { html } from "../lib/html.js";

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

/** The same line, small enough to stand in a row of text; the row says in words what it shows. */
export function sparkline(series) {
  const { x, y } = scales(series, 72, 20, { top: 3, right: 1, bottom: 3, left: 1 });
  const outside = series.points.filter(({ value }) => beyond(value, series));
  return html`<svg class="spark" viewBox="0 0 72 20" aria-hidden="true">${band(series, 0, 72, y)}<polyline class="line" points="${line(series, x, y)}"/>${outside.map((point) => html`<circle class="breach" cx="${x(point.time).toFixed(1)}" cy="${y(point.value).toFixed(1)}" r="2"/>`)}</svg>`;
}

const beyond = (value, { low, high }) => (low !== null && value < low) || (high !== null && value > high);

function scales({ points, low, high, min, max }, width, height, edge) {
  const least = Math.min(min, low ?? min);
  const most = Math.max(max, high ?? max);
  const first = points[0].time;
  const span = points[points.length - 1].time - first || 1;
  const range = most - least || 1;
  return {
    x: (time) => edge.left + ((time - first) / span) * (width - edge.left - edge.right),
    y: (value) => edge.top + ((most - value) / range) * (height - edge.top - edge.bottom),
  };
}

function band({ low, high, min, max }, left, right, y) {
  if (low === null && high === null) return null;
  const top = y(high ?? Math.max(max, low));
  const bottom = y(low ?? Math.min(min, high));
  return html`<rect class="allowed" x="${left}" y="${top.toFixed(1)}" width="${right - left}" height="${Math.max(1, bottom - top).toFixed(1)}"/>`;
}

function line({ points }, x, y) {
  return points.map(({ time, value }) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
}

function cross(x, y) {
  return html`<path class="breach" d="M${(x - 3).toFixed(1)} ${(y - 3).toFixed(1)}l6 6m0-6l-6 6"/>`;
}
