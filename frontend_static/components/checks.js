// The seven checks in words, as the passport and /verify show them.

import { moment } from "../lib/format.js";
import { html } from "../lib/html.js";
import { icon } from "./state.js";

const SHAPE = { passed: "proven", failed: "altered", impossible: "unknown" };

/** A list of a verdict's checks: what is asked, what came out, and why. */
export function checkList(t, verdict) {
  return html`<ol class="checks">${verdict.checks.map((check) => html`
    <li class="check is-${SHAPE[check.state]}" value="${check.number}">
      ${icon(SHAPE[check.state])}
      <div><p class="asked">${check.number}. ${t(`check.${check.number}`)} <span class="outcome">${t(`outcome.${check.state}`)}</span></p>
      <p class="why">${reason(t, check)}</p></div>
    </li>`)}</ol>`;
}

/** Why a check came out as it did. */
export function reason(t, { number, code, values }) {
  const written = { ...values };
  if (values.fields) written.fields = values.fields.map((field) => t(`field.${field}`)).join(t("list.comma"));
  if (values.sealedAt) written.sealedAt = moment(values.sealedAt * 1000, t.language);
  return t.has(`why.${number}.${code}`) ? t(`why.${number}.${code}`, written) : t(`why.${code}`, written);
}

/** Notes that fail nothing but are worth knowing. */
export function noteList(t, notes) {
  return notes.length > 0 && html`<ul class="notes">${notes.map((note) => html`<li>${t(`note.${note}`)}</li>`)}</ul>`;
}
