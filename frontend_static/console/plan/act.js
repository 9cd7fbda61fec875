// A change of the registry, in one sheet: what is wanted (a form, where there is something to say), what would happen
// (the plan), and only then the doing, step by step.

import { complain } from "../../components/form.js";
import { html } from "../../lib/html.js";
import { watchWallets } from "../../lib/wallets.js";
import { Refused, Unreachable, call } from "../api.js";
import { inSheet, language } from "../hearing.js";
import { troubleWords } from "../trouble.js";
import { carryOut } from "./carry.js";
import { forget, kept } from "./kept.js";
import { planned } from "./steps.js";
import { doneView, planView } from "./view.js";

let wallets = null;

/** Open the sheet. `want`: `{title(t), form(t) | null, read(values, t) → {requests, wrong: Map}, requests, warning(t), key(values)}`.
 *  `key`: the key whose last four characters must be typed, for what can't be taken back. Resolves to whether anything was done. */
export async function act(want) {
  const state = { phase: want.form ? "form" : "planning", sequence: null, key: null, trouble: null, made: false };
  return open(want, state, want.form ? null : want.requests);
}

/** Open the sheet on a sequence that was interrupted. */
export function goOn() {
  const sequence = kept();
  if (sequence === null) return Promise.resolve(false);
  return open({ title: () => sequence.title, form: null }, { phase: "stopped", sequence, key: null, trouble: null, made: true }, null);
}

async function open(want, state, requests) {
  let sheet = null;
  const surface = { busy: false, draw: (t) => draw(t, want, state, wallets ?? []) };
  const show = (changes) => {
    Object.assign(state, changes);
    surface.busy = state.phase === "running";
    sheet.redraw();
  };
  const plan = async (wanted) => {
    show({ phase: "planning", trouble: null });
    try {
      show({ phase: "plan", sequence: await planned(want.title(language()), wanted, (body) => call("POST", "/v1/registry/plan", body)) });
      document.getElementById("sheet-title")?.focus();
    } catch (error) {
      show({ phase: want.form ? "form" : "unplanned", trouble: want.form ? null : error });
      if (want.form) throw error;
    }
  };
  const doIt = async (wallet) => {
    if (!isConfirmed(state)) return;
    show({ phase: "running", trouble: null, made: true });
    try {
      await carryOut(state.sequence, wallet, () => show({}));
      forget();
      show({ phase: "done" });
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable || error.code)) throw error;
      if (state.sequence.steps.every((step) => step.state === "open")) forget(); // nothing was begun
      show({ phase: "stopped", trouble: error });
    }
    document.getElementById("sheet-title")?.focus();
  };
  surface.submits = {
    wanted: async (values, form) => {
      const { requests: wanted, wrong } = want.read(values, language());
      if (wrong.size) return complain(form, wrong);
      state.key = want.key?.(values) ?? null;
      return plan(wanted);
    },
  };
  surface.does = {
    back: () => show({ phase: "form", trouble: null }),
    here: () => doIt(null),
    wallet: (button) => doIt(wallets[Number(button.dataset.wallet)]),
    again: () => plan(requests),
    forget: () => {
      forget();
      sheet.close(true);
    },
  };
  if (wallets === null) watchWallets((found) => { wallets = found; });
  sheet = inSheet(surface);
  if (requests !== null) {
    state.key = want.key?.({}) ?? null;
    plan(requests);
  }
  await sheet.closed;
  return state.made;
}

// Both safeguards are asked beside their fields: the end of the key, and another way of making sure of a document.
function isConfirmed({ key, sequence }) {
  const t = language();
  const typed = document.getElementById("confirm-end");
  const vouched = document.getElementById("confirm-vouched-yes");
  const wrong = new Map();
  if (vouched && !vouched.checked) wrong.set("vouched", t("plan.vouchNeeded"));
  if (typed && typed.value.trim().toLowerCase() !== key.slice(-4).toLowerCase()) wrong.set("end", t("plan.endDiffers"));
  const form = document.getElementById("confirm");
  if (form && wrong.size) complain(form, wrong);
  return sequence !== null && wrong.size === 0;
}

function draw(t, want, state, found) {
  const { phase, sequence, trouble } = state;
  return html`<h2 id="sheet-title" tabindex="-1">${want.title(t)}</h2>
    ${want.form && html`<div ${phase === "form" ? null : html`hidden`}>${want.form(t)}</div>`}
    ${phase === "planning" && html`<p role="status">${t("plan.planning")}</p>`}
    ${phase === "unplanned" && html`<p class="error" role="alert">${troubleWords(t, trouble).message || [...troubleWords(t, trouble).fields.values()].join(" ")}</p>
      <p class="actions"><button type="button" class="action" data-do="again">${t("plan.again")}</button></p>`}
    ${["plan", "running", "stopped"].includes(phase) && planView(t, state, { wallets: found, warning: want.warning?.(t), canGoBack: want.form !== null && phase === "plan" })}
    ${phase === "done" && doneView(t, sequence)}
    <p class="error" id="sheet-error" role="alert"></p>
    ${phase !== "running" && html`<p><button type="button" class="link" data-close>${t(phase === "done" ? "office.close" : "office.cancel")}</button></p>`}`;
}
