// How an import and its errors are said.

import { mark } from "../../components/state.js";
import { moment, quantity, range } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { asList, asObject } from "../../lib/terms.js";

const MARKS = { reading: "checking", ready: "waiting", posting: "checking", stopped: "waiting", done: "proven", failed: "altered" };
const ITEMS_SHOWN = 3;

/** Shape and word of an import's state; done with rows that were refused is no green one. */
export function stateMark(t, { state, refused, wrong }) {
  if (state === "done" && refused + wrong > 0) return mark("waiting", t("many.state.partly"));
  return mark(MARKS[state] ?? "unknown", t(`many.state.${state}`));
}

/** What an error says, in the reader's language; the service's own sentence where it is a new one. */
export function errorWords(t, { code, values, detail }) {
  const id = `many.error.${code}`;
  return t.has(id) ? t(id, asObject(values)) : t("many.error.other", { detail: detail || code });
}

/** The cells of a previewed row, as understood. `steps`: names of steps by their words. */
export function previewCells(t, kind, row, steps) {
  if (kind === "items") return [...itemCells(t, row)];
  return [
    itemsOf(t, asList(row.items)),
    t.of(steps.get(row.step)) || row.step || "",
    row.place ?? "",
    timeOf(t, row.time),
    [measured(t, row), row.shipment && html`<span class="line">${t("many.shipment", { code: row.shipment })}</span>`, row.note && html`<span class="line">${row.note}</span>`,
      asList(row.documents).map(({ name }) => html`<span class="line">${name}</span>`)],
  ];
}

export const previewColumns = (kind) => (kind === "items" ? ["item", "name", "brand", "limits"] : ["item", "step", "place", "time", "more"]);

function itemCells(t, row) {
  return [
    html`<code>${short(row.item)}</code>`,
    both(t, row.name),
    both(t, row.brand),
    Object.entries(asObject(row.limits)).map(([type, limit]) => html`<span class="line">${limitWords(t, type, asObject(limit))}</span>`),
  ];
}

const both = (t, texts) => Object.values(asObject(texts)).map((text) => html`<span class="line">${text}</span>`);

function limitWords(t, type, { min, max, uom }) {
  const name = typeName(t, type);
  if (min !== undefined && max !== undefined) return `${name} ${range(min, max, uom, t.language)}`;
  return `${name} ${max === undefined ? "≥" : "≤"} ${quantity(max ?? min, uom, t.language)}`;
}

const typeName = (t, type) => (t.has(`sensor.${type}`) ? t(`sensor.${type}`) : type);

function itemsOf(t, items) {
  const more = items.length - ITEMS_SHOWN;
  return [items.slice(0, ITEMS_SHOWN).map((item) => html`<code class="line">${short(item)}</code>`), more > 0 && html`<span class="hint">${t("many.moreItems", { count: more })}</span>`];
}

// The domain of a canonical Digital Link says nothing about the item.
const short = (item) => String(item ?? "").replace(/^https:\/\/id\.gs1\.org/, "");

const measured = (t, row) => asList(row.measurements).map(({ type, value, uom }) => html`<span class="line">${typeName(t, type)} ${quantity(value, uom, t.language)}</span>`);

/** With its offset, since that is what was understood. */
function timeOf(t, time) {
  const at = new Date(time).getTime();
  if (!Number.isFinite(at)) return time ?? "";
  const offset = /[+-]\d\d:\d\d$/.exec(time)?.[0] ?? "+00:00";
  return html`${moment(at, t.language, offset)} <span class="hint">${offset === "+00:00" ? "UTC" : `UTC${offset}`}</span>`;
}
