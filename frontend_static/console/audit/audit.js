// The audit log: who changed what, newest first; and the days that were sealed, so that nobody rewrites them.

import { choice } from "../../components/form.js";
import { mark } from "../../components/state.js";
import { table } from "../../components/table.js";
import { moment } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { asList, asObject } from "../../lib/terms.js";
import { call, has } from "../api.js";
import { showIn } from "../hearing.js";
import { loaded } from "../loaded.js";
import { keepFilters } from "../place.js";

const PAGE = 50;
const SECONDS_END = 1e11;
const WORDS = { rights: "right", roles: "partners.role", custody: "partners.custody", visibility: "disclosure.level" };

export const audit = { id: "audit", opens: () => has("manage") || has("administer"), show };

function show(host, { query }) {
  const filters = { day: query.get("day") ?? "", action: query.get("action") ?? "" };
  const entries = loaded(() => older([], null), () => view.redraw());
  const days = loaded(async () => asList(await call("GET", "/v1/audit/days")), () => view.redraw());
  let next = null;
  async function older(before, after) {
    const search = new URLSearchParams({ limit: PAGE, ...(filters.day && { day: filters.day }), ...(after !== null && { after }) });
    const answer = asObject(await call("GET", `/v1/audit?${search}`));
    next = answer.next ?? null;
    return [...before, ...asList(answer.entries)];
  }
  const change = (name) => ({ value }) => {
    if (filters[name] === value) return;
    filters[name] = value;
    keepFilters("audit", [], filters);
    if (name === "day") entries.load();
    else view.redraw();
  };
  let more = [];
  // The log holds ids alone; who may see the organisation's people and tokens reads names beside them.
  const names = new Map();
  const learn = async (room) => {
    for (const { id, name } of asList((await call("GET", `/v1/${room}`))?.[room])) names.set(id, name);
    view.redraw();
  };
  const view = showIn(host, {
    draw: (t) => html`<p>${t("audit.lead")}</p>
      ${entries.state(t, (first) => logView(t, [...first, ...more], filters, names, next !== null))}
      <h2>${t("audit.days")}</h2>${days.state(t, (found) => daysView(t, found))}`,
    does: {
      reload: () => {
        more = [];
        return Promise.all([entries.load(), days.load()]);
      },
      older: async () => {
        more = await older(more, next);
        view.redraw();
      },
    },
    changes: { day: (field) => { if (filters.day !== field.value) more = []; change("day")(field); }, action: change("action") },
  });
  entries.load();
  days.load();
  if (has("manage")) Promise.all([learn("people"), learn("credentials")]).catch(() => {}); // ids alone will do
  return view;
}

const words = (t, action) => (t.has(`audit.action.${action}`) ? t(`audit.action.${action}`) : action);

function logView(t, all, { day, action }, names, isMore) {
  const actions = [...new Set([...all.map((entry) => entry.action), ...(action ? [action] : [])])].sort();
  const found = all.filter((entry) => !action || entry.action === action);
  return html`<div class="filters" role="search" aria-label="${t("office.filter")}">
      <div class="field"><label for="filter-day">${t("audit.day")}</label><input id="filter-day" type="date" value="${day}" data-change="day"></div>
      ${choice({ form: "filter", name: "action", label: t("audit.what"), value: action, change: "action", options: [{ value: "", label: t("office.any") }, ...actions.map((value) => ({ value, label: words(t, value) }))] })}</div>
    ${found.length === 0 ? html`<p class="empty" role="status">${t(day || action ? "office.noMatch" : "audit.empty")}</p>` : entryTable(t, found, names)}
    ${isMore && html`<p><button type="button" id="older" class="action" data-do="older">${t("audit.older")}</button></p>`}`;
}

function entryTable(t, found, names) {
  const columns = ["time", "action", "actor", "what"].map((name) => t(`audit.column.${name}`));
  return table(t("office.room.audit"), columns, found.map(({ at, action, actor, what }) => [
    html`<span class="value">${moment(new Date(at).getTime(), t.language)}</span>`,
    html`<span class="happened">${words(t, action)}</span>`,
    actorWords(t, asObject(actor), names),
    details(t, action, asObject(actor), asObject(what), names),
  ]));
}

// What "By" and "What happened" say already is not said again.
const isNew = (action, { id, partner }) => ([name, value]) =>
  !((name === "person" && value === id) || (name === "partner" && value === partner) || (name === "action" && action.endsWith(`.${value}`)));

function details(t, action, actor, what, names) {
  const said = Object.entries(what).filter(isNew(action, actor));
  const label = (name) => (t.has(`audit.detail.${name}`) ? t(`audit.detail.${name}`) : name);
  return said.length > 0 && html`<span class="what">${said.map(([name, value]) => html`<span class="line">${label(name)}: ${detailWords(t, name, value, names)}</span>`)}</span>`;
}

function detailWords(t, name, value, names) {
  // The registry's times are in seconds, the service's own in milliseconds.
  if (typeof value === "number") return html`<span class="value">${moment(value < SECONDS_END ? value * 1000 : value, t.language)}</span>`;
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) return html`<span class="value">${moment(new Date(value).getTime(), t.language)}</span>`;
  if (WORDS[name]) return [value].flat().map((each) => (t.has(`${WORDS[name]}.${each}`) ? t(`${WORDS[name]}.${each}`) : String(each))).join(t("list.comma"));
  const all = Array.isArray(value) ? value : Object.entries(asObject(value)).map((pair) => pair.join(" "));
  return html`${names.get(value)} <code>${typeof value === "object" ? all.join(t("list.comma")) || "–" : String(value)}</code>`;
}

const actorWords = (t, { kind, id, partner }, names) => html`<span class="by">${names.get(id) || (t.has(`audit.actor.${kind}`) ? t(`audit.actor.${kind}`) : kind)} ${id && html`<code>${id}</code>`}${partner && html`<span class="did">${partner}</span>`}</span>`;

function daysView(t, found) {
  if (found.length === 0) return html`<p class="empty">${t("audit.noDays")}</p>`;
  const columns = ["day", "count", "state", "receipt"].map((name) => t(`audit.column.${name}`));
  return table(t("audit.days"), columns, found.map(({ day, count, eventID, sealed }) => [
    html`<span class="value">${day}</span>`,
    count,
    sealed ? mark("proven", t("audit.sealed")) : mark("waiting", t("audit.unsealed")),
    eventID ? html`<a href="/v1/receipts/${encodeURIComponent(eventID)}">${t("console.receipt")}</a>` : "",
  ]));
}
