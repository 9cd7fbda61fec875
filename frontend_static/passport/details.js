// Where the details of the chosen step stand: under its row on a phone, beside the journey on a desktop.

import { html, render } from "../lib/html.js";
import { closedDetail, detail } from "./detail.js";
import { ingredients, proof, tests } from "./proof.js";

const wide = matchMedia("(min-width: 60em)");
let shown = null;

/** Show the details of the chosen line of the journey (none where it is null) and say so on its button. */
export function showDetails(page) {
  shown = page;
  const { t, passport, chosen, closed, network } = page;
  const beside = document.getElementById("beside");
  if (beside === null) return;
  const open = [...document.querySelectorAll(".journey details[open] > summary")].map((summary) => summary.textContent);
  for (const holder of document.querySelectorAll(".step .detail")) {
    holder.hidden = true;
    holder.replaceChildren();
  }
  for (const button of document.querySelectorAll(".row")) button.setAttribute("aria-expanded", String(button.dataset.step === chosen));
  render(beside, html`<p class="hint">${t("journey.hint")}</p>`);
  const step = passport.steps[chosen - 1];
  const line = closed?.linesOf(passport).find(({ key }) => key === chosen);
  if (step === undefined && line === undefined) return;
  const holder = wide.matches ? beside : document.getElementById(`detail-${chosen}`);
  const heading = step ? t("step.heading", step) : closed.titleOf(t, line, passport.partners);
  const body = step ? detail(t, step, passport) : closedDetail(t, line, network);
  render(holder, html`${wide.matches && html`<h3>${heading}</h3>`}${body}`);
  holder.hidden = false;
  for (const summary of holder.querySelectorAll("summary")) summary.parentElement.open = open.includes(summary.textContent);
}

/** Fill the sections that stand open. */
export function fillSections({ t, passport, network, trust }) {
  const bodies = { tests: () => tests(t, passport), "made-of": () => ingredients(t, passport), how: () => proof(t, passport, network, trust.chain?.node ?? null) };
  for (const [id, body] of Object.entries(bodies)) {
    const holder = document.querySelector(`#${id}[open] > .body`);
    if (holder !== null) render(holder, body());
  }
}

wide.addEventListener("change", () => shown && showDetails(shown));
