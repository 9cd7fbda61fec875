// A plan as markup: what each step does on the chain, what the contract and the DID document say to it, and the buttons.

import { boxes, field, form } from "../../components/form.js";
import { icon, mark } from "../../components/state.js";
import { html } from "../../lib/html.js";
import { asList } from "../../lib/terms.js";
import { troubleWords } from "../trouble.js";
import { done, isRefused, refusalName } from "./steps.js";

const SHAPES = { open: "undisclosed", sent: "waiting", done: "proven", failed: "altered" };
const OUTCOMES = { passed: "proven", failed: "altered", "not-possible": "unknown" };

/** `offer`: `{wallets, warning, canGoBack}`. */
export function planView(t, state, offer) {
  const { phase, sequence, key } = state;
  const refused = phase === "plan" && isRefused(sequence);
  return html`${phase === "plan" && html`<p>${t("plan.lead", { count: sequence.steps.length })}</p>`}
    ${stopped(t, state)}
    <ol class="plan">${sequence.steps.map((step, i) => stepCard(t, step, i, phase))}</ol>
    ${phase === "plan" && sequence.checks.map((check) => checkCard(t, check))}
    ${offer.warning && phase === "plan" && html`<p class="verdict is-altered">${icon("altered")}<span>${offer.warning}</span></p>`}
    ${refused && html`<p class="verdict is-altered">${icon("altered")}<span>${t("plan.refused")}</span></p>`}
    ${phase !== "running" && !refused && form("confirm", html`${phase === "plan" && needsVouching(sequence) && boxes({ form: "confirm", name: "vouched", legend: t("plan.vouch"), options: [{ value: "yes", label: t("plan.vouched") }] })}
      ${key && phase === "plan" && field({ form: "confirm", name: "end", label: t("plan.end", { key }) })}`, buttons(t, state, offer))}
    ${phase === "running" && html`<p role="status">${t("plan.running", { number: Math.min(done(sequence) + 1, sequence.steps.length), count: sequence.steps.length })}</p>
      <progress class="run" max="${sequence.steps.length}" value="${done(sequence)}"></progress>`}
    ${offer.canGoBack && html`<p><button type="button" class="link" data-do="back">${t("plan.back")}</button></p>`}`;
}

const needsVouching = ({ checks }) => checks.some(({ outcome }) => outcome === "failed");

function stopped(t, { phase, sequence, trouble }) {
  if (phase !== "stopped") return null;
  const words = trouble && troubleWords(t, trouble);
  return html`<div class="verdict is-altered" role="alert">${icon("altered")}<div>${words && html`<p class="sentence">${words.message || [...words.fields.values()].join(" ")}</p>`}
    <p class="more">${t("plan.stopped", { done: done(sequence), count: sequence.steps.length })}</p></div></div>`;
}

function stepCard(t, step, i, phase) {
  return html`<li class="statement"><h3>${t("plan.step", { number: i + 1 })}${phase !== "plan" && html` ${mark(SHAPES[step.state], t(`plan.state.${step.state}`))}`}</h3>
    <p>${t.of(step.says)}</p>
    ${step.refusal && html`<p class="error">${refusalWords(t, step.refusal)}</p>`}
    <details id="step-${i}"><summary>${t("plan.exactly")}</summary><dl class="facts exact">
      <dt>${t("plan.function")}</dt><dd><code>${step.function}</code></dd>
      <dt>${t("plan.to")}</dt><dd><code>${step.to}</code></dd>
      ${step.from && html`<dt>${t("plan.from")}</dt><dd><code>${step.from}</code></dd>`}
      ${step.data && html`<dt>${t("plan.data")}</dt><dd><code>${step.data}</code></dd>`}
      ${step.transaction && html`<dt>${t("plan.transaction")}</dt><dd><code>${step.transaction}</code></dd>`}</dl></details></li>`;
}

export function refusalWords(t, refusal) {
  const id = `plan.refusal.${refusalName(refusal)}`;
  return t.has(id) ? t(id) : t("plan.refusal", { refusal });
}

function checkCard(t, { check, outcome, kind, detail, keys }) {
  const known = `plan.${kind}`;
  const came = OUTCOMES[outcome] ? outcome : "not-possible";
  const said = kind === "did-is-there" ? "is-there" : came;
  return html`<div class="verdict is-${OUTCOMES[came]}" data-check="${check}">${icon(OUTCOMES[came])}<div>
    <p class="sentence">${t("plan.did")} ${t(`plan.outcome.${said}`)}</p>
    <p class="more">${came !== "passed" && (t.has(known) ? t(known) : detail)} ${t(`plan.means.${said}`)}</p>
    ${asList(keys).length > 0 && html`<p class="more">${t("plan.didKeys")}</p><ul class="more">${asList(keys).map((key) => html`<li><code>${typeof key === "string" ? key : key?.address}</code></li>`)}</ul>`}</div></div>`;
}

function buttons(t, { phase, sequence }, { wallets }) {
  const goesOn = phase === "stopped";
  if (sequence.canSendHere) return html`<button type="button" class="action is-main" id="do-here" data-do="here">${t(goesOn ? "plan.goOn" : "plan.here")}</button>${goesOn && dropIt(t)}`;
  if (wallets.length === 0) return html`<span class="verdict is-unknown">${icon("unknown")}<span>${t("plan.noWallet")}</span></span>${goesOn && dropIt(t)}`;
  return html`${wallets.map(({ name }, i) => html`<button type="button" class="action is-main" id="do-wallet-${i}" data-do="wallet" data-wallet="${i}">${t(goesOn ? "plan.goOnWith" : "plan.with", { wallet: name || t("console.yourWallet") })}</button>`)}${goesOn && dropIt(t)}`;
}

const dropIt = (t) => html`<button type="button" class="action" data-do="forget">${t("plan.forget")}</button>`;

/** What came out of it; a token that was made is shown this once. */
export function doneView(t, sequence) {
  return html`<div class="verdict is-proven" role="status">${icon("proven")}<div><p class="sentence">${t("plan.done", { count: sequence.steps.length })}</p>
    ${sequence.steps.filter(({ transaction }) => transaction).map(({ transaction }) => html`<p class="more">${t("plan.transaction")} <code>${transaction}</code></p>`)}</div></div>
    ${sequence.made.map(({ token }) => html`<p>${t("plan.token")}</p><p><code id="made-token">${token}</code></p>`)}`;
}
