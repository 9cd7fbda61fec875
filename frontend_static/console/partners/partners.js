// The partners of the consortium: a table with filters that stay in the address, and a page for each.

import { choice } from "../../components/form.js";
import { table } from "../../components/table.js";
import { html } from "../../lib/html.js";
import { asList } from "../../lib/terms.js";
import { call, has, session } from "../api.js";
import { showIn } from "../hearing.js";
import { hashOf, keepFilters } from "../place.js";
import { band } from "../plan/band.js";
import { act, goOn } from "../plan/act.js";
import { loaded } from "../loaded.js";
import { admit } from "./admit.js";
import { showPartner } from "./partner.js";
import { ROLES, code, nameOf, partnerMark, roleWords } from "./words.js";

export const partners = {
  id: "partners",
  opens: () => session.person !== null,
  show: (host, place) => (place.parts[0] ? showPartner(host, place.parts[0]) : showTable(host, place.query)),
};

function showTable(host, query) {
  const filters = { q: query.get("q") ?? "", role: query.get("role") ?? "", state: query.get("state") ?? "" };
  const data = loaded(async () => asList((await call("GET", "/v1/partners"))?.partners), () => view.redraw());
  const change = (name) => ({ value }) => {
    if (filters[name] === value) return;
    filters[name] = value;
    keepFilters("partners", [], filters);
    view.redraw();
  };
  const view = showIn(host, {
    draw: (t) => html`${band(t)}
      ${has("administer") && html`<p class="actions"><button type="button" id="admit" class="action is-main" data-do="admit">${t("partners.admit")}</button></p>`}
      ${data.state(t, (all) => (all.length === 0 ? html`<p class="empty">${t("partners.empty")}</p>` : html`${filterForm(t, filters)}${list(t, all.filter(matches(t, filters)))}`))}`,
    does: {
      admit: async () => { if (await act(admit)) await data.load(); },
      goOn: async () => { if (await goOn()) await data.load(); },
      reload: () => data.load(),
    },
    changes: { q: change("q"), role: change("role"), state: change("state") },
  });
  data.load();
  return view;
}

function filterForm(t, { q, role, state }) {
  const any = { value: "", label: t("office.any") };
  return html`<div class="filters" role="search" aria-label="${t("office.filter")}">
    <div class="field"><label for="filter-q">${t("partners.search")}</label><input id="filter-q" type="search" value="${q}" data-change="q"></div>
    ${choice({ form: "filter", name: "role", label: t("partners.role"), value: role, change: "role", options: [any, ...ROLES.map((value) => ({ value, label: t(`partners.role.${value}`) }))] })}
    ${choice({ form: "filter", name: "state", label: t("partners.state"), value: state, change: "state", options: [any, { value: "active", label: t("partners.active") }, { value: "suspended", label: t("partners.suspended") }] })}</div>`;
}

const matches = (t, { q, role, state }) => (partner) =>
  `${partner.did} ${Object.values(partner.name ?? {}).join(" ")}`.toLowerCase().includes(q.trim().toLowerCase())
  && (!role || asList(partner.roles).includes(role))
  && (!state || (state === "suspended") === Boolean(partner.suspended));

function list(t, found) {
  if (found.length === 0) return html`<p class="empty" role="status">${t("office.noMatch")}</p>`;
  const counted = found.some(({ keys }) => keys);
  const columns = ["name", "roles", ...(counted ? ["keys"] : []), "state"].map((name) => t(`partners.column.${name}`));
  return table(t("office.room.partners"), columns, found.map((partner) => [
    html`<a href="${hashOf("partners", [partner.did])}">${nameOf(t, partner)}</a>${code(partner.did)}`,
    roleWords(t, partner.roles),
    ...(counted ? [partner.keys && t("partners.goodOf", { good: partner.keys.good, all: partner.keys.all })] : []),
    partnerMark(t, partner),
  ]));
}
