// Partners, roles, keys and what happened to them, in words.

import { mark } from "../../components/state.js";
import { moment } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { ROLE, roleNames } from "../../lib/roles.js";
import { asList, asObject } from "../../lib/terms.js";

export const ROLES = Object.keys(ROLE);
const STATUSES = ["unknown", "good", "not_yet_valid", "ended", "suspended", "compromised"]; // IPartnerRegistry.statusAt
const SHAPES = { good: "proven", not_yet_valid: "waiting", ended: "undisclosed", suspended: "altered", compromised: "altered", unknown: "unknown" };

export const nameOf = (t, partner) => t.of(partner.name) || partner.did;
export const roleWords = (t, roles) => asList(roles).map((role) => (t.has(`partners.role.${role}`) ? t(`partners.role.${role}`) : role)).join(t("list.comma")) || t("partners.noRole");

/** The status word of a key, however it is written: a word or the contract's number. */
export function statusOf({ status }) {
  const word = typeof status === "number" ? STATUSES[status] : String(status ?? "").replace(/[ -]/g, "_");
  return STATUSES.includes(word) ? word : "unknown";
}

export const keyMark = (t, key) => mark(SHAPES[statusOf(key)], t(`partners.status.${statusOf(key)}`));

/** Whether a partner may speak, as a mark. */
export function partnerMark(t, { suspended, admitted }) {
  if (admitted === false) return mark("unknown", t("partners.notAdmitted"));
  return suspended ? mark("altered", t("partners.suspended")) : mark("proven", t("partners.active"));
}

export const isGood = (key) => statusOf(key) === "good";
export const short = (address) => `${String(address).slice(0, 6)}…\u2060${String(address).slice(-4)}`;
export const time = (t, seconds) => (seconds ? moment(seconds * 1000, t.language) : "");

/** What a change of the registry was, as a sentence. */
export function changeWords(t, { name, arguments: given }) {
  const { key, successor, roles, custody, validFrom, validTo, compromisedAt } = asObject(given);
  const id = `partners.change.${name}`;
  if (!t.has(id)) return String(name);
  return t(id, {
    key: key && short(key),
    successor: successor && short(successor),
    roles: typeof roles === "number" ? roleWords(t, roleNames(roles)) : roleWords(t, roles),
    custody: t.has(`partners.custody.${custody}`) ? t(`partners.custody.${custody}`) : custody,
    from: time(t, validFrom),
    until: validTo ? t("partners.untilTime", { time: time(t, validTo) }) : t("partners.noEnd"),
    time: time(t, validTo || compromisedAt),
  });
}

/** A DID or an address, which may break anywhere. */
export const code = (text) => html`<code class="did">${text}</code>`;
