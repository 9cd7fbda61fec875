// The people of the organisation: who may sign in, with which rights. Each person gets a link once, to choose a password.

import { field, form } from "../../components/form.js";
import { copyButton, copyFrom } from "../../components/copy.js";
import { mark } from "../../components/state.js";
import { table } from "../../components/table.js";
import { moment } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { asList } from "../../lib/terms.js";
import { call, has, session } from "../api.js";
import { confirm } from "../confirm.js";
import { inSheet, language, showIn, tell } from "../hearing.js";
import { loaded } from "../loaded.js";
import { rightBoxes, rightWords } from "../signin/rights.js";

export const people = { id: "people", opens: () => has("manage"), show };

function show(host) {
  const data = loaded(async () => asList((await call("GET", "/v1/people"))?.people), () => view.redraw());
  const named = ({ dataset }) => data.value.find(({ id }) => id === dataset.id);
  const change = async (person, body, before, message) => {
    const address = `/v1/people/${encodeURIComponent(person.id)}`;
    await call("PATCH", address, body);
    await data.load();
    tell(message, { undo: async () => { await call("PATCH", address, before); await data.load(); } });
  };
  const view = showIn(host, {
    draw: (t) => html`<p class="actions"><button type="button" id="invite-person" class="action is-main" data-do="invite">${t("people.invite")}</button></p>
      ${data.state(t, (all) => (all.length === 0 ? html`<p class="empty">${t("people.empty")}</p>` : list(t, all)))}`,
    does: {
      reload: () => data.load(),
      invite: async () => { if (await inviteSheet()) await data.load(); },
      rights: (button) => rightsSheet(named(button), change),
      disable: (button) => switchOff(named(button), true, change),
      enable: (button) => switchOff(named(button), false, change),
      link: async (button) => {
        const person = named(button);
        const t = language();
        if (!(await confirm({ title: t("people.newLink", { name: person.name }), text: t("people.newLinkText"), yes: t("people.do.link") }))) return;
        const { invitation, expiresAt } = await call("POST", `/v1/people/${encodeURIComponent(person.id)}/invitation`);
        await linkSheet(person.name, invitation, expiresAt);
        await data.load();
      },
      erase: async (button) => {
        const person = named(button);
        const t = language();
        if (!(await confirm({ title: t("people.erase", { name: person.name }), text: t("people.eraseText"), yes: t("people.do.erase"), isFinal: true }))) return;
        await call("DELETE", `/v1/people/${encodeURIComponent(person.id)}`);
        await data.load();
        tell(t("people.erased"));
      },
    },
  });
  data.load();
  return view;
}

function list(t, all) {
  const columns = ["name", "rights", "state", "actions"].map((name) => t(`people.column.${name}`));
  return table(t("office.room.people"), columns, all.map((person) => [
    html`${person.name}${person.id === session.person.id && html` <span class="hint">${t("people.you")}</span>`}<span class="did">${person.email}</span>`,
    rightWords(t, person.rights),
    stateOf(t, person),
    html`<details id="person-${person.id}"><summary>${t("people.column.actions")}</summary><p class="actions">${actions(t, person)}</p></details>`,
  ]));
}

function stateOf(t, { disabledAt, invited }) {
  if (disabledAt) return mark("undisclosed", t("people.disabled"));
  return invited ? mark("waiting", t("people.invited")) : mark("proven", t("people.active"));
}

const actions = (t, { id, name, disabledAt }) => ["rights", disabledAt ? "enable" : "disable", "link", "erase"].map((what) => html`
  <button type="button" class="action" id="${what}-${id}" data-do="${what}" data-id="${id}" aria-label="${t(`people.do.${what}`)}: ${name}">${t(`people.do.${what}`)}</button>`);

function inviteSheet() {
  let made = null;
  const sheet = inSheet({
    draw: (t) => (made ? linkView(t, made) : html`<h2 id="sheet-title">${t("people.invite")}</h2>
      ${form("person", html`${field({ form: "person", name: "name", label: t("people.name") })}
        ${field({ form: "person", name: "email", label: t("signin.email"), type: "email" })}
        ${has("administer") && field({ form: "person", name: "partner", label: t("people.partner"), hint: t("people.partnerHint") })}
        ${rightBoxes(t, "person", ["read"])}`, html`<button class="action is-main">${t("people.makeLink")}</button> <button type="button" class="action" data-close>${t("office.cancel")}</button>`)}`),
    submits: {
      person: async ({ name, email, partner, rights = [] }) => {
        const answer = await call("POST", "/v1/people", { name, email, rights, ...(partner && { partner }) });
        made = { name, link: answer.invitation, expiresAt: answer.expiresAt };
        sheet.redraw();
        document.getElementById("sheet-title")?.focus();
      },
    },
    does: { copy: copyFrom(language) },
  });
  return sheet.closed.then(() => made !== null);
}

function linkSheet(name, link, expiresAt) {
  return inSheet({ draw: (t) => linkView(t, { name, link, expiresAt }), does: { copy: copyFrom(language) } }).closed;
}

const linkView = (t, { name, link, expiresAt }) => html`<h2 id="sheet-title" tabindex="-1">${t("people.linkTitle", { name })}</h2>
  <p>${t("people.linkText", { until: expiresAt ? moment(new Date(expiresAt).getTime(), t.language) : "72 h" })}</p>
  ${field({ form: "made", name: "link", label: t("people.link"), value: link, readonly: true })}
  <p class="actions">${copyButton(t, "made-link")}<button type="button" class="action" data-close>${t("office.close")}</button></p>`;

function rightsSheet(person, change) {
  const sheet = inSheet({
    draw: (t) => html`<h2 id="sheet-title">${t("people.rightsOf", { name: person.name })}</h2>
      ${form("rights", rightBoxes(t, "rights", person.rights), html`<button class="action is-main">${t("office.save")}</button> <button type="button" class="action" data-close>${t("office.cancel")}</button>`)}`,
    submits: {
      rights: async ({ rights = [] }) => {
        const kept = person.rights.filter((right) => !has(right)); // nobody takes a right that they lack either
        await change(person, { rights: [...rights, ...kept] }, { rights: person.rights }, language()("people.rightsChanged", { name: person.name }));
        sheet.close();
      },
    },
  });
}

const switchOff = (person, disabled, change) => change(person, { disabled }, { disabled: !disabled }, language()(disabled ? "people.disabledNow" : "people.enabledNow", { name: person.name }));
