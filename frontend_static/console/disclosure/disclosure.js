// Disclosure: who sees the organisation's steps unless an event says otherwise, and with whom it shares.

import { boxes, choice, complain, field, form } from "../../components/form.js";
import { html } from "../../lib/html.js";
import { asList, asObject, humanWord, lastWord } from "../../lib/terms.js";
import { STEPS, stepUri } from "../../lib/vocabulary.js";
import { call, has } from "../api.js";
import { language, showIn, tell } from "../hearing.js";
import { loaded } from "../loaded.js";

const LEVELS = ["public", "partners", "own"];
const EVERY = "*";
const URI = /^[a-z][a-z0-9+.-]*:[^\s<>"]+$/i;
const DID = /^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$/;

export const disclosure = { id: "disclosure", opens: () => has("describe"), show };

function show(host) {
  let view = null;
  const data = loaded(async () => normal(await call("GET", "/v1/disclosure")), () => view.redraw());
  let draft = null; // the exceptions as they stand on the page
  const current = () => (draft ??= Object.entries(data.value.defaults).filter(([step]) => step !== EVERY).map(([step]) => step));
  const put = async (body) => {
    await call("PUT", "/v1/disclosure", body);
    draft = null;
    await data.load();
    view.leave();
    view = showIn(host, surface); // as the service has it now, not as it was typed
  };
  const surface = {
    draw: (t) => html`<p>${t("disclosure.lead")}</p>${data.state(t, (held) => page(t, held, current()))}`,
    does: {
      reload: () => data.load(),
      add: () => {
        const own = document.getElementById("disclosure-own");
        const step = own.value.trim() || document.getElementById("disclosure-step").value;
        if (!URI.test(step)) return complain(own.form, new Map([["own", language()("disclosure.wrong.step")]]));
        own.value = "";
        if (!current().includes(step)) draft = [...current(), step];
        view.redraw();
        return document.getElementById(`disclosure-level-${current().indexOf(step)}`)?.focus();
      },
      drop: ({ dataset }) => {
        draft = current().filter((step) => step !== dataset.step);
        view.redraw();
      },
    },
    submits: {
      disclosure: async (values, element) => {
        const t = language();
        const sharesWith = [...new Set(values.shares.split(/[\s,;]+/).filter(Boolean))];
        const odd = sharesWith.find((did) => !DID.test(did));
        if (odd) return complain(element, new Map([["shares", t("disclosure.wrong.did", { did: odd })]]));
        const before = data.value;
        const levels = [...element.querySelectorAll("select[data-step]")].map(({ dataset, value }) => [dataset.step, value]);
        await put({ defaults: Object.fromEntries([[EVERY, values.every], ...levels]), sharesWith });
        return tell(t("disclosure.saved"), { undo: () => put(before) });
      },
    },
  };
  view = showIn(host, surface);
  data.load();
  return { redraw: () => view.redraw(), leave: () => view.leave() };
}

const normal = (answer) => ({ defaults: asObject(asObject(answer).defaults), sharesWith: asList(asObject(answer).sharesWith) });

const stepWords = (t, step) => (t.has(`step.${lastWord(step)}`) ? t(`step.${lastWord(step)}`) : humanWord(lastWord(step)));
const levels = (t) => LEVELS.map((value) => ({ value, label: t(`disclosure.level.${value}`), hint: t(`disclosure.level.${value}.hint`) }));

function page(t, { defaults, sharesWith }, steps) {
  const left = STEPS.map((word) => stepUri(word)).filter((step) => !steps.includes(step));
  return form("disclosure", html`
    ${boxes({ form: "disclosure", name: "every", type: "radio", legend: t("disclosure.every"), options: levels(t), chosen: [defaults[EVERY] ?? "public"] })}
    <h2>${t("disclosure.exceptions")}</h2>
    ${steps.length === 0 && html`<p class="empty">${t("disclosure.noExceptions")}</p>`}
    <ul class="exceptions">${steps.map((step, i) => html`<li><div class="field"><label for="disclosure-level-${i}">${stepWords(t, step)}</label>
      <select id="disclosure-level-${i}" data-step="${step}">${levels(t).map(({ value, label }) => html`<option value="${value}" ${(defaults[step] ?? "own") === value ? html`selected` : null}>${label}</option>`)}</select></div>
      <button type="button" class="action" data-do="drop" data-step="${step}" aria-label="${t("disclosure.drop")}: ${stepWords(t, step)}">${t("disclosure.drop")}</button></li>`)}</ul>
    <div class="exceptions-new">${choice({ form: "disclosure", name: "step", label: t("disclosure.step"), options: left.map((value) => ({ value, label: stepWords(t, value) })) })}
      ${field({ form: "disclosure", name: "own", label: t("disclosure.own") })}
      <button type="button" class="action" data-do="add">${t("disclosure.add")}</button></div>
    <h2>${t("disclosure.sharing")}</h2>
    ${field({ form: "disclosure", name: "shares", label: t("disclosure.shares"), hint: t("disclosure.sharesHint"), value: sharesWith.join("\n"), lines: 4 })}`,
  html`<button class="action is-main">${t("office.save")}</button>`);
}
