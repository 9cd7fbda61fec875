// What came out of a check, in words: the sentence, the seven checks, what the receipt says.

import { checkList, noteList } from "../components/checks.js";
import { icon, stateOf } from "../components/state.js";
import { moment, list } from "../lib/format.js";
import { html } from "../lib/html.js";
import { asObject, plainEvent } from "../lib/terms.js";
import { partnerId } from "../lib/verdict.js";
import { placeWords, statedTime, stepSource, stepTitle } from "../passport/story.js";

export function verdictView(t, receipt, verdict, node) {
  const state = stateOf(verdict);
  return html`
    <div class="verdict is-${state}" data-state="${verdict.state}">${icon(state)}<div>
      <p class="sentence">${sentence(t, receipt, verdict)}</p>
      ${verdict.facts.reporter?.custody && html`<p class="more">${t(`verify.custody.${verdict.facts.reporter.custody}`)}</p>`}
      <p class="more">${node ? t("verify.node.asked", { node: new URL(node).host, page: location.host }) : t("verify.alone")} ${t("verify.limits")}</p>
    </div></div>
    ${noteList(t, verdict.notes)}
    ${checkList(t, verdict)}
    ${verdict.problems?.length ? null : said(t, receipt)}`;
}

function sentence(t, receipt, verdict) {
  const counted = (state) => {
    const found = verdict.checks.filter((check) => check.state === state).map((check) => String(check.number));
    return { count: found.length, numbers: list(found, t.language) };
  };
  if (verdict.state === "failed") return t("verify.failed", counted("failed"));
  if (verdict.state === "waiting") return t("verify.waiting");
  if (verdict.state === "incomplete") return t("verify.incomplete", counted("impossible"));
  const { partner } = receipt.reporter;
  const confirmed = partnerId(partner) === verdict.facts.reporter?.partner;
  return t("verify.proven", { who: confirmed ? partner : t("verify.someone"), moment: moment(verdict.facts.sealedAt * 1000, t.language) });
}

function said(t, receipt) {
  const event = plainEvent(receipt.event);
  const time = statedTime(event, receipt.statement);
  const source = stepSource(receipt.statement);
  const place = placeWords(t, receipt.statement.place, {});
  return html`<h2>${t("verify.what")}</h2>
    <dl class="facts">
      <dt>${t("verify.step")}</dt><dd>${stepTitle(t, event, asObject(receipt.statement))}${source && html` <span class="line">${t("step.source", { host: source })}</span>`}</dd>
      ${time !== null && html`<dt>${t("fact.when")}</dt><dd>${moment(time, t.language, event.eventTimeZoneOffset)}</dd>`}
      ${place && html`<dt>${t("fact.where")}</dt><dd>${place.name}</dd>`}
      <dt>${t("verify.reporter")}</dt><dd>${receipt.reporter.partner}</dd>
      <dt>${t("verify.networkName")}</dt><dd>${receipt.network}</dd>
    </dl>
    <details><summary>${t("step.record")}</summary><pre tabindex="0">${JSON.stringify(receipt.event, null, 1)}</pre></details>`;
}
