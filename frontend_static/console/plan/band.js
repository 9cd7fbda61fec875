// The line that says that a sequence was interrupted, above the rooms where sequences begin.

import { icon } from "../../components/state.js";
import { html } from "../../lib/html.js";
import { kept } from "./kept.js";
import { done } from "./steps.js";

export function band(t) {
  const sequence = kept();
  return sequence && html`<div class="verdict is-waiting" id="interrupted">${icon("waiting")}<div><p class="sentence">${t("plan.interrupted", { title: sequence.title })}</p>
    <p class="more">${t("plan.stopped", { done: done(sequence), count: sequence.steps.length })}</p>
    <button type="button" class="action" data-do="goOn">${t("plan.look")}</button></div></div>`;
}
