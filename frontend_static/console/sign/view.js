// The console's first room as markup: what is put in, what will be signed, the wallets, what came out.

import { badge, icon, stateOf } from "../../components/state.js";
import { moment } from "../../lib/format.js";
import { html } from "../../lib/html.js";
import { typedData } from "../../lib/signing.js";
import { ERROR_DECLARATION } from "../../lib/statement.js";
import { humanWord, lastWord, plainEvent } from "../../lib/terms.js";
import { itemsOfStep } from "../../passport/contents.js";
import { placeWords, stepTitle } from "../../passport/story.js";
import { promiseWords } from "./refusal.js";
import { receiptAddress } from "./run.js";

const VISIBILITIES = ["public", "partners", "own"];
const FLAGS = [[1, "alarm"], [ERROR_DECLARATION, "declaration"], [4, "deletion"]];

/** `sender`: the name of the organisation that is signed in, or null where a token is asked for. */
export const frame = (t, sender) => html`
  <p>${t("console.lead")}</p>
  <fieldset id="inputs">
    <h2>${t("console.who")}</h2>
    ${sender === null ? html`
    <label class="field"><span>${t("console.token")}</span><input type="password" id="token" autocomplete="off" spellcheck="false" aria-describedby="token-hint token-error"></label>
    <p class="hint" id="token-hint">${t("console.tokenHint")}</p>
    <p class="error" id="token-error" role="alert"></p>` : html`<p id="sender">${t("console.sentFor", { name: sender })}</p>`}
    <h2>${t("console.what")}</h2>
    <label class="drop" id="drop">${t("console.drop")}<input type="file" id="file" accept=".json,.jsonld,application/json,application/ld+json" aria-label="${t("console.file")}"></label>
    <label class="field"><span>${t("console.paste")}</span><textarea id="text" rows="6" spellcheck="false" autocapitalize="off" aria-describedby="text-error"></textarea></label>
    <p class="error" id="text-error" role="alert"></p>
    <label class="field"><span>${t("console.visibility")}</span><select id="visibility">${VISIBILITIES.map((word) => html`<option value="${word}">${t(`console.visibility.${word}`)}</option>`)}</select></label>
  </fieldset>
  <section id="statements" aria-live="polite"></section>
  <section id="signing"></section>
  <section id="result" class="result" role="status" aria-live="polite"></section>`;

/** What will be signed, in words. `places`: what the service found wrong, by index. */
export function statements(t, entries, network, places) {
  return entries.length > 0 && html`<h2>${t("console.willSign", { count: entries.length })}</h2>
    <p class="hint">${t("console.derived", { network })}</p>
    <ol class="statements">${entries.map((entry, i) => card(t, entry, i, network, places.get(i) ?? []))}</ol>`;
}

function card(t, entry, i, network, wrong) {
  const event = plainEvent(entry.event);
  const complaints = entry.trouble ? [t("console.notDerivable", { reason: entry.trouble }), ...wrong] : wrong;
  return html`<li class="statement">
    <h3>${t("step.heading", { number: i + 1, title: stepTitle(t, event, entry.prepared?.statement) })}</h3>
    ${entry.prepared && html`<dl class="facts">${words(t, entry, event)}</dl>`}
    ${complaints.map((each) => html`<p class="error">${each}</p>`)}
    ${entry.prepared && html`<details><summary>${t("console.exactly")}</summary>${exactly(t, entry.prepared, network)}</details>`}
    <details><summary>${t("step.record")}</summary><pre tabindex="0">${JSON.stringify(entry.event, null, 1)}</pre></details>
  </li>`;
}

/** The statement, not the event, in words: so each word is one that the signature covers. */
function words(t, { event: stated, prepared: { statement } }, event) {
  const place = placeWords(t, statement.place, {});
  const condition = lastWord(statement.disposition);
  const marks = FLAGS.filter(([bit]) => statement.flags & bit);
  return [
    fact(t("fact.when"), moment(statement.eventTime, t.language, event.eventTimeZoneOffset)),
    fact(t("fact.where"), place ? place.name : t("console.noPlace")),
    ...itemsOfStep(t, event, stated, {}).map(({ role, items, more }) => fact(t(`role.${role}`), html`${items.map((item) => html`<span class="line">${item.words}${item.amount && html` <span class="amount">${item.amount}</span>`}</span>`)}${more > 0 && t("more", { count: more })}`)),
    condition && fact(t("console.condition"), t.has(`condition.${condition}`) ? t(`condition.${condition}`) : humanWord(condition)),
    ...marks.map(([, name]) => fact(t("field.flags"), t(`console.flag.${name}`))),
    fact(t("console.eventID"), stated.eventID),
  ];
}

/** Field by field what a wallet shows, to compare. */
function exactly(t, prepared, network) {
  const { domain, message } = typedData(prepared);
  return html`<p class="hint">${t("console.compare")}</p><dl class="facts exact">
    ${[["network", network], ["salt", domain.salt], ...Object.entries(message)].map(([name, value]) => fact(name, value === "" ? t("console.empty") : value))}
  </dl>`;
}

const fact = (label, text) => html`<dt>${label}</dt><dd>${text}</dd>`;

/** The wallets to sign with, and how far signing is. */
export function signing(t, { entries, wallets, run, ready }) {
  if (entries.length === 0 || run.phase === "sent") return null;
  const left = entries.filter(({ signed }) => !signed).length;
  const count = entries.length;
  return html`<h2>${t("console.sign")}</h2>
    ${wallets.length === 0 && html`<p class="verdict is-unknown">${icon("unknown")}<span>${t("console.noWallet")} <code>chain-service capture FILE --key keystore.json</code></span></p>`}
    ${wallets.length > 0 && run.phase === "idle" && html`<p>${t("console.asks", { count: left })}</p>`}
    ${busy(t, run, count)}
    ${run.trouble && html`<div class="verdict is-altered" id="trouble">${icon("altered")}<div><p class="sentence">${run.trouble.message}</p>${run.trouble.more.map((each) => html`<p class="more">${each}</p>`)}
      <p class="more">${kept(t, left, count, run.trouble)}</p></div></div>`}
    ${wallets.map((wallet, i) => html`<p><button type="button" class="action" id="sign-${i}" data-wallet="${i}" ${!ready || run.busy ? html`disabled` : null}>${label(t, left, count, wallet)}</button></p>`)}`;
}

/** What a stop left behind. */
function kept(t, left, count, { asked }) {
  if (left === 0) return t("console.keptAll");
  if (left < count) return t("console.keptSome", { done: count - left, count });
  return asked ? t("console.nothingStored") : t("console.nothingSent");
}

function label(t, left, count, wallet) {
  if (left === 0) return t("console.sendAgain");
  const name = wallet.name || t("console.yourWallet");
  return left < count ? t("console.signRest", { count: left, wallet: name }) : t("console.signWith", { count, wallet: name });
}

function busy(t, { phase, account, done }, count) {
  if (phase === "connecting") return html`<p class="verdict is-checking" role="status">${icon("checking")}<span>${t("console.connecting")}</span></p>`;
  if (phase === "signing") {
    return html`<div class="verdict is-checking" role="status">${icon("checking")}<div><p>${t("console.signing", { number: done + 1, count })}</p><p class="more">${t("console.account", { account })}</p></div></div>
      <progress class="run" max="${count}" value="${done}">${done}</progress>`;
  }
  return phase === "sending" && html`<p class="verdict is-checking" role="status">${icon("checking")}<span>${t("console.sending")}</span></p>`;
}

/** What was accepted, each with its state and receipt. */
export function result(t, { entries, run }) {
  if (run.phase !== "sent") return null;
  return html`<div class="verdict is-proven" id="accepted" tabindex="-1">${icon("proven")}<div><p class="sentence">${t("console.sent", { count: entries.length })}</p>
      <p class="more">${t("console.account", { account: run.account })}</p><p class="more">${promiseWords(t, run.promise)}</p></div></div>
    <ol class="statements">${entries.map((entry, i) => html`<li class="statement sent">
      <h3>${t("step.heading", { number: i + 1, title: stepTitle(t, plainEvent(entry.event), entry.prepared.statement) })}</h3>
      ${badge(t, entry.verdict ? stateOf(entry.verdict) : "waiting")}
      ${entry.before && html`<p class="hint">${t("console.before")}</p>`}
      <a class="receipt" id="receipt-${i}" href="${receiptAddress(entry)}">${t("console.receipt")}</a>
    </li>`)}</ol>
    <p class="keep">${t("console.keep")}</p>
    <p class="actions"><button type="button" class="action" id="save">${t("console.save")}</button> <button type="button" class="action" id="another">${t("console.another")}</button></p>`;
}
