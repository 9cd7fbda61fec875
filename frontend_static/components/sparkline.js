// A measured line small enough to stand in a row of text; and what it shares with the full chart.

import { html } from "../lib/html.js";

/** `series` as passport/measures.js makes it; the row says in words what the line shows. */
export function sparkline(series) {
  const { x, y } = scales(series, 72, 20, { top: 3, right: 1, bottom: 3, left: 1 });
  const outside = series.points.filter(({ value }) => beyond(value, series));
  return html`<svg class="spark" viewBox="0 0 72 20" aria-hidden="true">${band(series, 0, 72, y)}<polyline class="line" points="${line(series, x, y)}"/>${outside.map((point) => html`<circle class="breach" cx="${x(point.time).toFixed(1)}" cy="${y(point.value).toFixed(1)}" r="2"/>`)}</svg>`;
}

/** Whether a value lies outside the allowed band. */
export const beyond = (value, { low, high }) => (low !== null && value < low) || (high !== null && value > high);

/** Functions from time and value to coordinates. */
export function scales({ points, low, high, min, max }, width, height, edge) {
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

/** The allowed band as a rectangle; null where there are no limits. */
export function band({ low, high, min, max }, left, right, y) {
  if (low === null && high === null) return null;
  const top = y(high ?? Math.max(max, low));
  const bottom = y(low ?? Math.min(min, high));
  return html`<rect class="allowed" x="${left}" y="${top.toFixed(1)}" width="${right - left}" height="${Math.max(1, bottom - top).toFixed(1)}"/>`;
}

/** The points of a polyline. */
export function line({ points }, x, y) {
  return points.map(({ time, value }) => `${x(time).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
}
