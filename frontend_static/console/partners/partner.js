// One partner: what it is, its keys, what happened to it, and what can be changed.

import { table } from "../../components/table.js";
import { html } from "../../lib/html.js";
import { asList } from "../../lib/terms.js";
import { call, has } from "../api.js";
import { showIn } from "../hearing.js";
import { loaded } from "../loaded.js";
import { act, goOn } from "../plan/act.js";
import { band } from "../plan/band.js";
import * as changes from "./changes.js";
import { changeWords, code, keyMark, nameOf, partnerMark, roleWords, short, statusOf, time } from "./words.js";

export function showPartner(host, did) {
  const address = `/v1/partners/${encodeURIComponent(did)}`;
  const data = loaded(() => call("GET", address), () => view.redraw());
  const perform = async (want) => { if (await act(want)) await data.load(); };
  const keyOf = ({ dataset }) => data.value.keys.find((key) => key.address === dataset.key);
  const view = showIn(host, {
    draw: (t) => html`<p><a class="back" href="#partners">${t("partners.all")}</a></p>${band(t)}
      ${data.state(t, (partner) => page(t, { ...partner, keys: asList(partner.keys) }, address))}`,
    does: {
      reload: () => data.load(),
      goOn: async () => { if (await goOn()) await data.load(); },
      roles: () => perform(changes.changeRoles(data.value)),
      suspend: () => perform(changes.suspend(data.value)),
      reinstate: () => perform(changes.reinstate(data.value)),
      addKey: () => perform(changes.addKey(data.value)),
      rotate: (button) => perform(changes.rotate(data.value, keyOf(button))),
      endKey: (button) => perform(changes.endKey(keyOf(button))),
      compromised: (button) => perform(changes.reportCompromised(keyOf(button))),
      rotateOperator: (button) => perform(changes.rotateOperator(data.value, keyOf(button))),
    },
  });
  data.load();
  return view;
}

function page(t, partner, address) {
  const may = has("administer");
  return html`<h2 class="name">${nameOf(t, partner)} ${partnerMark(t, partner)}</h2>
    <dl class="facts"><dt>DID</dt><dd>${code(partner.did)}</dd>
      <dt>${t("partners.column.roles")}</dt><dd>${roleWords(t, partner.roles)}</dd></dl>
    <p><a class="back" href="${address}/did.json">${t("partners.document")}</a></p>
    ${may && html`<p class="actions">${button("roles", t("partners.do.roles"))}${partner.suspended ? button("reinstate", t("partners.do.reinstate")) : button("suspend", t("partners.do.suspend"))}${button("addKey", t("partners.do.addKey"))}</p>`}
    <h2>${t("partners.keys")}</h2>
    ${partner.keys.length === 0 ? html`<p class="empty">${t("partners.noKeys")}</p>` : keyTable(t, partner, may)}
    <h2>${t("partners.history")}</h2>
    <ol class="history">${asList(partner.history).map((change) => html`<li><span class="when">${time(t, change.time)}</span>
      <span>${changeWords(t, change)} <span class="hint">${t("partners.block", { block: change.block, transaction: short(change.transaction) })}</span></span></li>`)}</ol>`;
}

const button = (name, label, key = "") => html`<button type="button" class="action" id="do-${name}-${key}" data-do="${name}" data-key="${key}">${label}</button>`;

function keyTable(t, partner, may) {
  const columns = ["key", "state", "custody", "from", "until", ...(may ? ["actions"] : [])].map((name) => t(`partners.column.${name}`));
  return table(t("partners.keys"), columns, partner.keys.map((key) => [
    html`${code(key.address)}${key.operator && html`<span class="hint">${t("partners.seals")}</span>`}${key.rotatedTo && html`<span class="hint">${t("partners.continues", { key: key.rotatedTo })}</span>`}`,
    html`${keyMark(t, key)}${key.compromisedAt && html` <span class="hint">${t("partners.since", { time: time(t, key.compromisedAt) })}</span>`}`,
    t.has(`partners.custody.${key.custody}`) ? t(`partners.custody.${key.custody}`) : key.custody,
    time(t, key.validFrom),
    time(t, key.validTo) || t("partners.noEnd"),
    ...(may ? [keyActions(t, partner, key)] : []),
  ]));
}

function keyActions(t, partner, key) {
  const status = statusOf(key);
  const lasts = status === "good" || status === "not_yet_valid" || status === "suspended";
  const others = partner.keys.length > 1;
  return html`<details id="actions-${key.address}"><summary>${t("partners.column.actions")}</summary><p class="actions">
    ${lasts && button("rotate", t("partners.do.rotate"), key.address)}${lasts && button("endKey", t("partners.do.endKey"), key.address)}
    ${key.operator && others && button("rotateOperator", t("partners.do.rotateOperator"), key.address)}
    ${button("compromised", t("partners.do.compromised"), key.address)}</p></details>`;
}
