// The page behind every Digital Link: loads the passport, shows it, and proves it step by step in the reader's browser.

import { badge, icon } from "../components/state.js";
import { html, render } from "../lib/html.js";
import { loadLanguage, preferredLanguage, rememberLanguage } from "../lib/i18n.js";
import { networkFrom, trustIn } from "../lib/chain.js";
import { canonicalName } from "../lib/digital_link.js";
import { bandOf } from "./band.js";
import { checkAll, keepVerdicts, readPassport, shownState } from "./model.js";
import { productCard } from "./product.js";
import { sections } from "./sections.js";
import { row, stateOfStep, titleOf, who } from "./step.js";

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
    if (fresh.item.name !== canonicalName(`https://id.gs1.org${location.pathname}`)) throw new Error("the passport of another item");
    if (page.passport) keepVerdicts(fresh, page.passport);
    page.passport = fresh;
  } catch {
    page.trouble = "unreadable";
    page.passport = null;
  }
}

async function prove() {
  const operator = page.t.of(page.network?.operator?.name) || location.host;
  await checkAll(page.passport, page.trust, operator, (step) => {
    showStep(step);
    showBand();
  });
  await showMore();
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
    ${passport.steps.length > 0 && html`<section class="journey" aria-labelledby="journey-title">
      <h2 id="journey-title">${t("section.journey")}</h2>
      <ol class="timeline">${passport.steps.map((step) => row(t, step, passport))}</ol>
      <aside class="beside" id="beside"><p class="hint">${t("journey.hint")}</p></aside>
    </section>`}
    <div id="sections">${sections(t, passport)}</div>`);
  document.title = document.querySelector("h1")?.textContent ?? document.title;
  for (const id of open) element(id)?.setAttribute("open", "");
  showMore();
}

/** Bring details and sections up to date, where some are open; what they need is fetched at the first opening. */
async function showMore() {
  if (page.chosen === null && document.querySelector(".section[open]") === null) return;
  const [{ showDetails, fillSections }] = await Promise.all([import("./details.js"), page.t.complete()]);
  showDetails(page);
  fillSections(page);
}

function showBand() {
  const { t, passport, trouble } = page;
  const steps = passport?.steps.map((step) => ({ ...step, title: titleOf(t, step), state: shownState(step) })) ?? [];
  const band = trouble
    ? { state: trouble === "unreachable" ? "unknown" : "altered", headline: t(`trouble.${trouble}`), details: [] }
    : bandOf(t, steps, passport?.item.level);
  if (passport?.truncated) band.details = [...band.details, t("band.truncated")];
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
  if (page.chosen === step.number) showMore();
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
    const { saveReceipt } = await import("../components/download.js");
    saveReceipt(page.passport.steps[button.dataset.receipt - 1].receipt);
  } else if (button.dataset.step) {
    await choose(Number(button.dataset.step), button.classList.contains("row"));
  }
});

/** Open a step's details; a second tap on its own row closes them. */
async function choose(number, fromRow) {
  const closing = fromRow && page.chosen === number;
  page.chosen = number;
  if (closing) page.chosen = null;
  const [{ showDetails }] = await Promise.all([import("./details.js"), page.t.complete()]);
  showDetails(page);
  if (!fromRow) element(`step-${number}`).scrollIntoView({ block: "start" });
}

document.addEventListener("toggle", (event) => event.target.matches?.(".section[open]") && showMore(), true);

start();
