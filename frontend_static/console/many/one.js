// One import: how far it is, what was understood, what is wrong by row and cell, and what can be done next. It goes on
// without this page, and is found again under its address.

import { choice } from "../../components/form.js";
import { table } from "../../components/table.js";
import { html } from "../../lib/html.js";
import { asList, asObject } from "../../lib/terms.js";
import { call } from "../api.js";
import { confirm } from "../confirm.js";
import { language, showIn, tell } from "../hearing.js";
import { loaded } from "../loaded.js";
import { hashOf } from "../place.js";
import { errorWords, previewCells, previewColumns, stateMark } from "./words.js";

const LOOK_MS = 700; // between two looks at what is being done
const PAGE = 50;
const ANY = "";
const isBusy = ({ state }) => state === "reading" || state === "posting";
const left = ({ rows, wrong, posted, refused }) => rows - wrong - posted - refused;

export function one(host, { parts: [id] }) {
  const address = `/v1/imports/${encodeURIComponent(id)}`;
  const errors = { found: [], next: null, code: ANY, of: "" };
  let steps = new Map();
  let timer = null;
  let isGone = false;
  const data = loaded(() => call("GET", address), () => view.redraw());

  const look = async () => {
    clearTimeout(timer);
    await data.load();
    if (isGone || data.value === undefined) return;
    if (isBusy(data.value)) timer = setTimeout(look, LOOK_MS);
    // What is wrong changes while it is read, and where rows are refused.
    const of = `${data.value.wrong} ${data.value.refused}`;
    if (!isBusy(data.value) && errors.of !== of) {
      errors.of = of;
      await loadErrors(false);
    }
  };
  const loadErrors = async (isMore) => {
    const query = new URLSearchParams({ limit: PAGE, after: isMore ? errors.next : 0, ...(errors.code && { code: errors.code }) });
    const answer = await call("GET", `${address}/errors?${query}`);
    errors.found = [...(isMore ? errors.found : []), ...asList(answer?.errors).map(asObject)];
    errors.next = answer?.next ?? null;
    if (!isGone) view.redraw();
  };
  const ask = async (what, body) => {
    await call("POST", `${address}/${what}`, body);
    await look();
  };

  const view = showIn(host, {
    draw: (t) => html`<p><a class="back" href="#many">${t("many.back")}</a></p>
      ${data.state(t, (found) => whole(t, found, errors, steps))}`,
    does: {
      reload: look,
      right: () => ask("post", { which: "right" }),
      all: () => ask("post", { which: "all" }),
      stop: () => ask("stop"),
      more: () => loadErrors(true),
      remove: async () => {
        const t = language();
        const { name } = data.value;
        if (!(await confirm({ title: t("many.remove", { name }), text: t("many.removeText"), yes: t("many.do.remove"), isFinal: true }))) return;
        await call("DELETE", address);
        location.hash = "#many";
        setTimeout(() => tell(t("many.removed", { name })));
      },
    },
    changes: {
      code: ({ value }) => {
        if (value === errors.code) return; // a list tells of a choice twice
        errors.code = value;
        loadErrors(false).catch((error) => console.warn(error.message));
      },
    },
  });
  call("GET", "/v1/steps").then((answer) => {
    steps = new Map(asList(answer?.steps).map(({ step, name }) => [step, name]));
    view.redraw();
  }).catch(() => null); // the words themselves are shown
  look();
  return { redraw: view.redraw, leave: () => { isGone = true; clearTimeout(timer); view.leave(); } };
}

function whole(t, found, errors, steps) {
  return html`<h2 class="filename">${found.name || t("many.unnamed")}</h2>
    <p class="name">${stateMark(t, found)} <span class="hint">${t(`many.kind.${found.kind}`)}</span></p>
    ${progress(t, found)}
    ${found.problem && html`<div class="verdict is-altered" role="alert"><div><p class="sentence">${errorWords(t, asObject(found.problem))}</p><p>${t("many.problemNext")}</p></div></div>`}
    ${found.sameAs && html`<p class="notes">${t("many.same")} <a href="${hashOf("many", [found.sameAs])}">${t("many.sameLink")}</a></p>`}
    ${asList(found.ignored).length > 0 && html`<p class="notes">${t("many.ignored", { columns: found.ignored.join(t.language === "zh" ? "、" : ", ") })}</p>`}
    ${buttons(t, found)}
    ${mistakes(t, found, errors)}
    ${preview(t, found, steps)}
    <p class="actions"><button type="button" class="action is-final" id="remove" data-do="remove">${t("many.do.remove")}</button></p>`;
}

function progress(t, found) {
  const { state, rows, wrong, posted, refused } = found;
  const due = rows - wrong;
  return html`${state === "reading" && html`<progress class="run" aria-label="${t("many.state.reading")}"></progress>`}
    ${(state === "posting" || (state === "stopped" && due > 0)) && html`<progress class="run" max="${Math.max(due, 1)}" value="${posted + refused}" aria-label="${t("many.state.posting")}"></progress>`}
    ${state !== "failed" && html`<p role="status" id="counts" class="counts">${state === "reading" ? t("many.read", { rows, wrong }) : t("many.counts", { rows, right: due, wrong })}
      ${(posted > 0 || state === "posting") && html` <strong>${t("many.posted", { posted, due })}</strong>`}${refused > 0 && html` ${t("many.refusedCount", { count: refused })}`}</p>`}
    ${isBusy(found) && html`<p class="hint">${t("many.leave")}</p>`}`;
}

function buttons(t, found) {
  const { state, id, wrong } = found;
  const waiting = left(found);
  const canPost = (state === "ready" || state === "stopped") && waiting > 0;
  return html`<p class="actions">
    ${canPost && state === "stopped" && html`<button type="button" class="action is-main" id="resume" data-do="right">${t("many.do.resume", { count: waiting })}</button>`}
    ${canPost && state === "ready" && html`<button type="button" class="action is-main" id="post" data-do="${wrong ? "right" : "all"}">${t(wrong ? "many.do.right" : "many.do.all", { count: waiting })}</button>`}
    ${state === "posting" && html`<button type="button" class="action" id="stop" data-do="stop">${t("many.do.stop")}</button>`}
    ${["ready", "stopped", "done"].includes(state) && html`<a class="download" href="/v1/imports/${id}/result?format=xlsx&language=${t.language}" download>${t("many.result.xlsx")}</a>
      <a class="download" href="/v1/imports/${id}/result?format=csv&language=${t.language}" download>${t("many.result.csv")}</a>`}</p>
    ${state === "ready" && waiting === 0 && html`<p class="hint">${t("many.nothingRight")}</p>`}`;
}

function mistakes(t, found, errors) {
  const codes = Object.entries(asObject(found.codes));
  if (codes.length === 0 || found.state === "failed") return null;
  const total = codes.reduce((sum, [, count]) => sum + count, 0);
  const options = [{ value: ANY, label: t("many.allErrors", { count: total }) }, ...codes.map(([code, count]) => ({ value: code, label: t("many.codeCount", { code: t.has(`many.code.${code}`) ? t(`many.code.${code}`) : code, count }) }))];
  const columns = ["cell", "column", "wrong"].map((name) => t(`many.errorColumn.${name}`));
  return html`<h2>${t("many.errors")}</h2><p class="hint">${t("many.errorsLead")}</p>
    ${codes.length > 1 && choice({ form: "errors", name: "code", label: t("office.filter"), options, value: errors.code, change: "code" })}
    ${table(t("many.errors"), columns, errors.found.map((each) => [each.cell ?? t("many.wholeRow", { row: each.row }), each.column ?? "", errorWords(t, each)]))}
    ${errors.next !== null && html`<p class="actions"><button type="button" class="action" id="more" data-do="more">${t("many.moreErrors")}</button></p>`}`;
}

function preview(t, found, steps) {
  const rows = asList(found.preview).map(asObject);
  if (rows.length === 0) return null;
  const columns = ["row", ...previewColumns(found.kind)].map((name) => t(`many.preview.${name}`));
  return html`<h2>${t("many.understood")}</h2><p class="hint">${t("many.understoodLead", { count: rows.length })}${found.kind === "milestones" && html` ${t("many.inZone", { zone: found.zone })}`}</p>
    ${table(t("many.understood"), columns, rows.map((row) => [row.status === "wrong" ? t("many.wrongRow", { row: row.row }) : String(row.row), ...previewCells(t, found.kind, row, steps)]))}`;
}
