// Everything a step says: what, where, who, what was measured and certified, its seven checks, its receipt.

import { chart } from "../components/chart.js";
import { checkList, noteList } from "../components/checks.js";
import { icon, stateOf } from "../components/state.js";
import { clock, day, moment } from "../lib/format.js";
import { html } from "../lib/html.js";
import { certificates } from "./certificates.js";
import { facts, itemsOfStep } from "./contents.js";
import { limitsInWords, measures, seriesInWords, valueInWords } from "./measures.js";
import { limitsOf } from "./model.js";
import { certificateList } from "./proof.js";
import { who, writer } from "./step.js";
import { placeWords, statedTime } from "./story.js";

const MOST_VALUES_OPEN = 8;

/** The details of a step as markup. */
export function detail(t, step, passport) {
  const time = statedTime(step.event, step.receipt?.statement);
  const place = placeWords(t, step.receipt?.statement?.place, passport.names);
  const concerned = itemsOfStep(t, step.event, step.receipt?.event ?? {}, passport.names);
  return html`
    <dl class="facts">
      ${time !== null && fact(t("fact.when"), moment(time, t.language, step.event.eventTimeZoneOffset))}
      ${place && fact(t("fact.where"), [place.name, place.where].filter(Boolean).join(t("place.comma")))}
      <dt>${t("fact.who")}</dt><dd>${who(t, step, passport)}</dd>
      ${concerned.map(({ role, items, more }) => html`<dt>${t(`role.${role}`)}</dt>
        <dd>${items.map(({ words, amount }) => html`<span class="line">${words}${amount && html` <span class="amount">${amount}</span>`}</span>`)}${more > 0 && html`<span class="line">${t("more", { count: more })}</span>`}</dd>`)}
      ${facts(t, step.event).map(([label, text]) => fact(label, text))}
    </dl>
    ${measured(t, step, passport)}
    ${certificateList(t, certificates(t, step.event))}
    <h4>${t("how.step")}</h4>
    ${step.verdict ? html`${noteList(t, step.verdict.notes)}${checkList(t, step.verdict)}` : html`<p>${t("state.checking")}</p>`}
    <p><button type="button" class="download" data-receipt="${step.number}">${t("receipt.download")}</button></p>
    <details><summary>${t("step.record")}</summary><pre tabindex="0">${JSON.stringify(step.receipt?.event ?? null, null, 1)}</pre></details>`;
}

/** What a line of closed steps means, and the two checks of each of its steps. */
export function closedDetail(t, { kind, steps }, network) {
  const operator = t.of(network?.operator?.name) || t("proof.operator");
  const reasons = { undisclosed: ["closed.why.undisclosed", "closed.why.sealed"], erased: ["closed.why.erased", "closed.why.copies"] }[kind];
  const checks = steps.map((step) => (step.verdict ? checkList(t, step.verdict) : html`<p>${t("state.checking")}</p>`));
  return html`<ul class="sentences">${reasons.map((id) => html`<li>${t(id)}</li>`)}
    ${kind === "undisclosed" && html`<li>${t("closed.why.receipt")} <a href="/verify">${t("proof.verify")}</a></li>`}
    <li>${t(`closed.word.${kind}`, { operator })}</li></ul>
    <h4>${t("closed.how")}</h4>
    ${steps.length === 1 ? checks : steps.map((step, i) => html`<details><summary>${t("closed.nth", { number: i + 1, count: steps.length, state: t(`state.${stateOf(step.verdict, kind)}`) })}</summary>${checks[i]}</details>`)}`;
}

/** Charts of series and a table of single values. */
function measured(t, step, passport) {
  const { series, values } = measures(t, step.event, limitsOf(step, passport));
  const write = writer(t);
  const offset = step.event.eventTimeZoneOffset;
  return html`${series.map((each, i) => html`<figure>
      <figcaption>${t("measure.caption", { name: each.name, words: seriesInWords(t, each, write) })}</figcaption>
      ${chart(each, {
        title: each.name,
        description: t("measure.description", { count: each.points.length, words: seriesInWords(t, each, write) }),
        low: each.low === null ? "" : write(each.low, each.code),
        high: each.high === null ? "" : write(each.high, each.code),
        ...ends(t, each.points, offset),
      }, `chart-${step.number}-${i}`)}
      <details><summary>${t("measure.table", { count: each.points.length })}</summary><table>
        <thead><tr><th scope="col">${t("measure.time")}</th><th scope="col">${t("measure.value")}</th></tr></thead>
        <tbody>${each.points.map(({ time, value }) => html`<tr><td>${moment(time, t.language, offset)}</td><td class="value">${write(value, each.code)}</td></tr>`)}</tbody>
      </table></details></figure>`)}
    ${values.length > MOST_VALUES_OPEN ? html`<details class="values"><summary>${t("measure.values", { count: values.length })}</summary>${valueTable(t, values, write)}</details>` : values.length > 0 && valueTable(t, values, write)}`;
}

/** The first and the last time of a series: days, or hours where it lasts less than two days. */
function ends(t, points, offset) {
  const [first, last] = [points[0].time, points[points.length - 1].time];
  const write = last - first < 2 * 86400000 ? clock : day;
  return { first: write(first, t.language, offset), last: write(last, t.language, offset) };
}

function valueTable(t, values, write) {
  return html`<table>
    <thead><tr><th scope="col">${t("measure.what")}</th><th scope="col">${t("measure.value")}</th><th scope="col">${t("measure.allowed")}</th></tr></thead>
    <tbody>${values.map((value) => html`<tr><th scope="row">${value.name}</th>
      <td class="value ${value.outside ? "is-altered" : ""}">${value.outside && icon("altered")}${valueInWords(value, write)}${value.outside && html` <span class="unseen">${t("measure.outsideWord")}</span>`}</td>
      <td class="value">${limitsInWords(t, value, write)}</td></tr>`)}</tbody></table>`;
}

const fact = (label, text) => html`<dt>${label}</dt><dd>${text}</dd>`;
