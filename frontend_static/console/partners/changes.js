// What can be changed about an admitted partner: what is asked, the plan's requests, and what can't be taken back.

import { choice, field, form } from "../../components/form.js";
import { html } from "../../lib/html.js";
import { keyFields, next, roleBoxes, wrongKey } from "./admit.js";
import { isGood, nameOf, short } from "./words.js";

const DAY_S = 86_400;
const AHEAD_S = 2 * DAY_S; // offered; the contract wants one day
const now = () => Math.floor(Date.now() / 1000);

export const changeRoles = (partner) => ({
  title: (t) => t("partners.setRoles", { name: nameOf(t, partner) }),
  form: (t) => form("wanted", roleBoxes(t, partner.roles), next(t)),
  read: ({ roles }) => ({ wrong: new Map(), requests: [{ action: "setRoles", did: partner.did, roles }] }),
});

export const suspend = (partner) => ({
  title: (t) => t("partners.suspend", { name: nameOf(t, partner) }),
  warning: (t) => t("partners.suspendWarning"),
  requests: [{ action: "suspend", did: partner.did }],
});

export const reinstate = (partner) => ({
  title: (t) => t("partners.reinstate", { name: nameOf(t, partner) }),
  requests: [{ action: "reinstate", did: partner.did }],
});

export const addKey = (partner) => ({
  title: (t) => t("partners.addKey", { name: nameOf(t, partner) }),
  form: (t) => form("wanted", html`${keyFields(t, t("partners.keyHint"))}
    ${timeField(t, "from", t("partners.fromHint"))}${timeField(t, "until", t("partners.untilHint"))}`, next(t)),
  read: ({ custody, key, from, until }, t) => {
    const wrong = new Map();
    wrongKey(t, wrong, custody, key);
    const [validFrom, validTo] = [seconds(from), seconds(until)];
    if (validTo !== null) wrongEnd(t, wrong, validTo, validFrom ?? 0);
    const times = { ...(validFrom !== null && { validFrom }), ...(validTo !== null && { validTo }) };
    return { wrong, requests: [{ action: "addKey", did: partner.did, custody, ...(key && { key }), ...times }] };
  },
});

/** A successor and the end of the old key, as one. */
export const rotate = (partner, old) => ({
  title: (t) => t("partners.rotate", { key: short(old.address) }),
  warning: (t) => t("partners.rotateWarning"),
  key: () => old.address,
  form: (t) => form("wanted", html`<p>${t("partners.rotateLead")}</p>${keyFields(t, t("partners.keyHint"))}
    ${timeField(t, "until", t("partners.oldEndHint"), now() + AHEAD_S)}`, next(t)),
  read: ({ custody, key, until }, t) => {
    const wrong = new Map();
    const validTo = seconds(until);
    wrongKey(t, wrong, custody, key);
    wrongEnd(t, wrong, validTo);
    return { wrong, requests: [{ action: "addKey", did: partner.did, custody, ...(key && { key }) }, { action: "endKey", key: old.address, validTo }] };
  },
});

export const endKey = (old) => ({
  title: (t) => t("partners.endKey", { key: short(old.address) }),
  form: (t) => form("wanted", timeField(t, "until", t("partners.endHint"), old.validTo || now() + AHEAD_S), next(t)),
  read: ({ until }, t) => {
    const wrong = new Map();
    const validTo = seconds(until);
    wrongEnd(t, wrong, validTo);
    return { wrong, requests: [{ action: "endKey", key: old.address, validTo }] };
  },
});

export const reportCompromised = (lost) => ({
  title: (t) => t("partners.compromised", { key: short(lost.address) }),
  warning: (t) => t("partners.compromisedWarning"),
  key: () => lost.address,
  form: (t) => form("wanted", html`<p>${t("partners.compromisedLead")}</p>${timeField(t, "since", t("partners.sinceHint"))}`, next(t)),
  read: ({ since: given }, t) => {
    const since = seconds(given);
    const wrong = new Map();
    if (since === null || since > now() || (lost.compromisedAt && since >= lost.compromisedAt)) wrong.set("since", t("partners.wrong.since"));
    return { wrong, requests: [{ action: "reportCompromised", key: lost.address, since }] };
  },
});

export const rotateOperator = (partner, old) => ({
  title: (t) => t("partners.rotateOperator", { key: short(old.address) }),
  warning: (t) => t("partners.rotateOperatorWarning"),
  key: () => old.address,
  form: (t) => form("wanted", html`<p>${t("partners.rotateOperatorLead")}</p>
    ${choice({ form: "wanted", name: "successor", label: t("partners.successor"), options: successors(partner, old).map(({ address }) => ({ value: address, label: address })) })}`, next(t)),
  read: ({ successor }, t) => ({
    wrong: successor ? new Map() : new Map([["successor", t("partners.wrong.successor")]]),
    requests: [{ action: "rotateOperator", key: old.address, successor }],
  }),
});

const successors = ({ keys }, old) => keys.filter((key) => key.address !== old.address && isGood(key) && !key.rotatedTo);

/** A day and time in the reader's own time zone; `value` in Unix seconds. */
function timeField(t, name, hint, value = null) {
  const label = t(`partners.time.${name}`);
  const local = value === null ? "" : new Date((value - new Date(value * 1000).getTimezoneOffset() * 60) * 1000).toISOString().slice(0, 16);
  return field({ form: "wanted", name, label, hint, type: "datetime-local", value: local });
}

/** Unix seconds of what stands in such a field, null where nothing does. */
const seconds = (text) => (text ? Math.floor(new Date(text).getTime() / 1000) : null);

function wrongEnd(t, wrong, validTo, from = 0) {
  if (validTo === null || validTo < now() + DAY_S || validTo <= from) wrong.set("until", t("partners.wrong.until"));
}
