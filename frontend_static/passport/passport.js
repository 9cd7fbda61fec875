// The page behind every Digital Link: loads the passport, shows it, and proves it step by step in the reader's browser.

import { badge, icon, stateOf } from "../components/state.js";
import { html, render } from "../lib/html.js";
import { loadLanguage, preferredLanguage, rememberLanguage } from "../lib/i18n.js";
import { networkFrom, trustIn } from "../lib/chain.js";
import { canonicalName } from "../lib/digital_link.js";
import { bandOf } from "./band.js";
import { checkAll, keepVerdicts, readPassport } from "./model.js";
import { productCard } from "./product.js";
import { sections } from "./sections.js";
import { row, titleOf, who } from "./step.js";

const page = { t: null, passport: null, network: null, trust: null, trouble: null, chosen: null, closed: null };
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
  await addClosed().catch(() => Object.assign(page, { trouble: "unreachable", passport: null }));
}

/** Fetch what closed steps need, where there are any: most passports have none. */
async function addClosed() {
  if (!page.passport?.closed.length) return;
  // The second module is the first one's; asked for together, they cost one round trip.
  [page.closed] = await Promise.all([import("./closed.js"), import("../lib/place.js")]);
}

async function prove() {
  const operator = page.t.of(page.network?.operator?.name) || location.host;
  const { passport, trust, closed } = page;
  const checks = [checkAll(passport, trust, operator, (step) => {
    showMark(step.number, stateOf(step.verdict));
    render(element(`who-${step.number}`), html`${who(page.t, step, passport)}`);
    showBand();
  })];
  if (passport.closed.length) checks.push(closed.checkClosed(passport, trust, (step) => {
    const { key, state } = closed.changed(passport, step);
    showMark(key, state);
    showBand();
  }));
  await Promise.all(checks);
  await showMore();
  if ([...passport.steps, ...passport.closed].every((step) => !step.verdict.waiting)) return;
  const { pollUntilNews } = await import("./polling.js");
  pollUntilNews(passport, renew);
}

/** Show and prove what the service says anew. */
async function renew(text) {
  await take({ status: 200, text: async () => text });
  page.trust = trustIn(page.network);
  show();
  if (page.passport) await prove();
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
  const rows = passport.steps.map((step) => row(t, step, passport));
  const journey = passport.closed.length ? page.closed.journey(t, passport, rows) : rows;
  render(element("content"), html`
    ${productCard(t, passport)}
    ${journey.length > 0 && html`<section class="journey" aria-labelledby="journey-title">
      <h2 id="journey-title">${t("section.journey")}</h2>
      <ol class="timeline">${journey}</ol>
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
  const { steps, closed } = passport ?? { steps: [], closed: [] };
  const band = trouble
    ? { state: trouble === "unreachable" ? "unknown" : "altered", headline: t(`trouble.${trouble}`), details: [] }
    : withClosed(bandOf(t, steps.map((step) => ({ ...step, title: titleOf(t, step) })), passport?.item.level), steps.length, closed);
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
    progress.max = steps.length + closed.length;
    progress.value = band.done;
  }
}

const withClosed = (band, shown, closed) => (closed.length ? page.closed.bandWith(page.t, band, shown, closed) : band);

function showMark(key, state) {
  render(element(`state-${key}`), badge(page.t, state));
  render(element(`mark-${key}`), icon(state));
  element(`mark-${key}`).className = `mark is-${state}`;
  if (page.chosen === String(key)) showMore();
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
    await choose(button.dataset.step, button.classList.contains("row"));
  }
});

/** Open a step's details; a second tap on its own row closes them. */
async function choose(key, fromRow) {
  const closing = fromRow && page.chosen === key;
  page.chosen = key;
  if (closing) page.chosen = null;
  const [{ showDetails }] = await Promise.all([import("./details.js"), page.t.complete()]);
  showDetails(page);
  if (!fromRow) element(`step-${key}`).scrollIntoView({ block: "start" });
}

document.addEventListener("toggle", (event) => event.target.matches?.(".section[open]") && showMore(), true);

start();
