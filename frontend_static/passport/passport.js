// The page behind every Digital Link: loads the passport, shows it, and proves it step by step in the reader's browser.

import { icon } from "../components/state.js";
import { saveReceipt } from "../components/download.js";
import { html, render } from "../lib/html.js";
import { loadLanguage, preferredLanguage, rememberLanguage } from "../lib/i18n.js";
import { networkFrom, trustIn } from "../lib/network.js";
import { bandOf } from "./band.js";
import { showDetails } from "./details.js";
import { checkAll, keepVerdicts, readPassport, shownState } from "./model.js";
import { productCard } from "./product.js";
import { ingredientsSection, proofSection, testsSection } from "./proof.js";
import { row, stateOfStep, titleOf, who } from "./step.js";
import { badge } from "../components/state.js";

const POLL_FIRST_MS = 1500;
const POLL_MOST_MS = 10000;

const page = { t: null, passport: null, network: null, trust: null, trouble: null, chosen: null };
const element = (id) => document.getElementById(id);

async function start() {
  const [t, answer, network] = await Promise.all([loadLanguage(preferredLanguage()), globalThis.early.passport, globalThis.early.network]);
  page.t = t;
  page.network = network === null ? null : await networkFrom(network);
  page.trust = trustIn(page.network);
  await take(answer);
  show();
  if (page.passport) await prove();
}

/** Take over what the service answered: a passport, or what is wrong. */
async function take(answer) {
  page.trouble = answer === null || answer.status >= 500 || answer.status === 429 ? "unreachable" : { 400: "malformed", 404: "unknown" }[answer.status] ?? null;
  if (page.trouble) return;
  try {
    const fresh = readPassport(await answer.text());
    if (page.passport) keepVerdicts(fresh, page.passport);
    page.passport = fresh;
  } catch {
    page.trouble = "unreadable";
  }
}

async function prove() {
  const operator = page.t.of(page.network?.operator?.name) || location.host;
  await checkAll(page.passport, page.trust, operator, (step) => {
    showStep(step);
    showBand();
  });
  showSections();
  if (page.passport.steps.some((step) => step.verdict.waiting)) pollUntilSealed(POLL_FIRST_MS);
}

/** Ask again while steps wait for their seal: soon first, then less often, and not while nobody looks. */
function pollUntilSealed(delay) {
  setTimeout(async () => {
    if (document.hidden) return pollUntilSealed(delay);
    const answer = await fetch(`/v1/passports${location.pathname}`, { headers: { Accept: "application/json" } }).catch(() => null);
    const fresh = answer?.ok ? await answer.text() : null;
    if (fresh === null || !isNews(fresh)) return pollUntilSealed(Math.min(delay * 1.5, POLL_MOST_MS));
    await take({ status: 200, text: async () => fresh });
    page.trust = trustIn(page.network);
    show();
    if (page.passport) await prove();
  }, delay);
}

function isNews(text) {
  try {
    return JSON.stringify(readPassport(text).steps.map((step) => step.receipt)) !== JSON.stringify(page.passport.steps.map((step) => step.receipt));
  } catch {
    return false;
  }
}

/** The whole page in the current language; what was open stays open. */
function show() {
  const { t, passport } = page;
  document.documentElement.lang = t.language === "zh" ? "zh-CN" : "en";
  const open = [...document.querySelectorAll("main details[open][id]")].map((details) => details.id);
  render(element("language"), html`<span lang="${t.language === "zh" ? "en" : "zh-CN"}">${t("language.other")}</span>`);
  element("language").setAttribute("aria-label", t("language.switch"));
  showBand();
  if (page.trouble) {
    render(element("content"), html`<section class="trouble"><p>${t(`trouble.${page.trouble}.more`, { code: location.pathname })}</p>
      ${page.trouble === "unreachable" && html`<p><button type="button" class="action" id="retry">${t("trouble.retry")}</button></p>`}</section>`);
    document.title = t(`trouble.${page.trouble}`);
    return;
  }
  for (const step of passport.steps) step.title = titleOf(t, step);
  render(element("content"), html`
    ${productCard(t, passport)}
    <section class="journey" aria-labelledby="journey-title">
      <h2 id="journey-title">${t("section.journey")}</h2>
      <ol class="timeline">${passport.steps.map((step) => row(t, step, passport))}</ol>
      <aside class="beside" id="beside" aria-live="off"></aside>
    </section>
    <div id="sections"></div>`);
  document.title = document.querySelector("h1")?.textContent ?? document.title;
  showSections();
  for (const id of open) element(id)?.setAttribute("open", "");
  showDetails(page, page.chosen);
}

function showSections() {
  const { t, passport, network, trust } = page;
  const holder = element("sections");
  if (holder === null) return;
  const open = [...holder.querySelectorAll("details[open]")].map((details) => details.id);
  render(holder, html`
    ${testsSection(t, passport, (step) => titleOf(t, step))}
    ${ingredientsSection(t, passport)}
    ${proofSection(t, passport, network, trust.chain?.node ?? null)}`);
  for (const id of open) element(id)?.setAttribute("open", "");
}

function showBand() {
  const { t, passport, trouble } = page;
  const steps = passport?.steps.map((step) => ({ ...step, title: titleOf(t, step), state: shownState(step) })) ?? [];
  const band = trouble
    ? { state: trouble === "unreachable" ? "unknown" : "altered", headline: t(`trouble.${trouble}`), details: [] }
    : bandOf(t, steps);
  const shape = trouble ? "unknown" : band.state;
  const box = element("band");
  box.className = `band is-${trouble ? "unknown" : band.state}`;
  box.setAttribute("data-state", trouble ?? band.state);
  const written = `${band.headline}${band.details.join()}`;
  // The headline is a live region: it is touched only when it says something new.
  if (element("headline").dataset.written !== written) {
    element("headline").dataset.written = written;
    render(element("headline"), html`${icon(shape)}<div><p class="sentence">${band.headline}</p>${band.details.map((sentence) => html`<p class="more">${sentence}</p>`)}</div>`);
  }
  const progress = element("progress");
  progress.hidden = band.state !== "checking";
  if (band.state === "checking" && passport) {
    progress.max = passport.steps.length;
    progress.value = band.done;
  }
}

function showStep(step) {
  const { t, passport } = page;
  const state = stateOfStep(step);
  render(element(`state-${step.number}`), badge(t, state));
  render(element(`mark-${step.number}`), icon(state));
  element(`mark-${step.number}`).className = `mark is-${state}`;
  render(element(`who-${step.number}`), html`${who(t, step, passport)}`);
  if (page.chosen === step.number) showDetails(page, page.chosen);
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button");
  if (button === null) return;
  if (button.id === "language") {
    const language = page.t?.language === "zh" ? "en" : "zh";
    rememberLanguage(language);
    page.t = await loadLanguage(language);
    show();
  } else if (button.id === "retry") {
    location.reload();
  } else if (button.dataset.receipt) {
    saveReceipt(page.passport.steps[button.dataset.receipt - 1].receipt);
  } else if (button.dataset.step) {
    const number = Number(button.dataset.step);
    page.chosen = page.chosen === number && button.classList.contains("row") ? null : number;
    showDetails(page, page.chosen);
    if (!button.classList.contains("row")) element(`step-${number}`).scrollIntoView({ block: "start" });
  }
});

start();
