// Where the details of the chosen step stand: under its row on a phone, beside the journey on a desktop.

import { html, render } from "../lib/html.js";
import { detail, titleOf } from "./step.js";

const wide = matchMedia("(min-width: 60em)");
let shown = null;

/** Show the details of step `number` (null: of none) and say so on its button. */
export function showDetails(page, number) {
  shown = { page, number };
  const { t, passport } = page;
  const beside = document.getElementById("beside");
  if (beside === null) return;
  const open = [...document.querySelectorAll(".journey details[open] > summary")].map((summary) => summary.textContent);
  for (const holder of document.querySelectorAll(".step .detail")) {
    holder.hidden = true;
    holder.replaceChildren();
  }
  for (const button of document.querySelectorAll(".row")) button.setAttribute("aria-expanded", String(Number(button.dataset.step) === number));
  const step = passport.steps[number - 1];
  beside.hidden = !wide.matches;
  if (step === undefined) {
    render(beside, html`<p class="hint">${t("journey.hint")}</p>`);
    return;
  }
  const holder = wide.matches ? beside : document.getElementById(`detail-${number}`);
  render(holder, html`${wide.matches && html`<h3>${t("step.heading", { number, title: titleOf(t, step) })}</h3>`}${detail(t, step, passport)}`);
  holder.hidden = false;
  for (const summary of holder.querySelectorAll("summary")) summary.parentElement.open = open.includes(summary.textContent);
}

wide.addEventListener("change", () => shown && showDetails(shown.page, shown.number));
