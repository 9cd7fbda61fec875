// What is asked to admit a partner, and to change its roles or keys: forms, their checks, and the requests they make.

import { boxes, field, form } from "../../components/form.js";
import { html } from "../../lib/html.js";
import { ROLES } from "./words.js";

const ADDRESS = /^0x[0-9a-f]{40}$/i;
const DID = /^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$/;

export const next = (t) => html`<button class="action is-main">${t("plan.show")}</button>`;

export const admit = {
  title: (t) => t("partners.admit"),
  form: (t) => form("wanted", html`<p>${t("partners.admitLead")}</p>
    ${field({ form: "wanted", name: "did", label: t("partners.did"), hint: t("partners.didHint") })}
    ${field({ form: "wanted", name: "en", label: t("partners.nameEn") })}
    ${field({ form: "wanted", name: "zh", label: t("partners.nameZh") })}
    ${roleBoxes(t, [])}${keyFields(t, t("partners.keyHint"))}`, next(t)),
  read: ({ did, en, zh, roles, custody, key }, t) => {
    const wrong = new Map();
    if (!DID.test(did)) wrong.set("did", t("partners.wrong.did"));
    if (!en && !zh) wrong.set("en", t("partners.wrong.name"));
    if (roles.length === 0) wrong.set("roles", t("partners.wrong.roles"));
    wrongKey(t, wrong, custody, key);
    const name = Object.fromEntries(Object.entries({ en, zh }).filter(([, text]) => text));
    return { wrong, requests: [{ action: "admitPartner", did, name, roles, custody, ...(key && { key }) }] };
  },
};

export function roleBoxes(t, chosen) {
  const options = ROLES.map((value) => ({ value, label: t(`partners.role.${value}`), hint: t(`partners.role.${value}.hint`) }));
  return boxes({ form: "wanted", name: "roles", legend: t("partners.column.roles"), options, chosen });
}

/** Who holds a key, and its address. */
export const keyFields = (t, hint) => html`
  ${boxes({ form: "wanted", name: "custody", legend: t("partners.custody"), type: "radio", chosen: ["partner"], options: ["partner", "operator"].map((value) => ({ value, label: t(`partners.custody.${value}`), hint: t(`partners.custody.${value}.hint`) })) })}
  ${field({ form: "wanted", name: "key", label: t("partners.key"), hint })}`;

/** An address is due where the partner holds the key; the operator may make one. */
export function wrongKey(t, wrong, custody, key) {
  if (key ? !ADDRESS.test(key) : custody !== "operator") wrong.set("key", t("partners.wrong.key"));
}

export const isAddress = (text) => ADDRESS.test(text);
