// One step: its row in the journey and its details.

import { badge, icon, stateOf } from "../components/state.js";
import { chart, sparkline } from "../components/chart.js";
import { checkList, noteList } from "../components/checks.js";
import { clock, day, dayOf, moment, quantity, range } from "../lib/format.js";
import { html } from "../lib/html.js";
import { certificateList } from "./proof.js";
import { certificates } from "./certificates.js";
import { limitsInWords, measures, seriesInWords, summary, valueInWords } from "./measures.js";
import { limitsOf, reporterOf, shownState } from "./model.js";
import { eventTime, facts, itemWords, itemsOfStep, placeWords, stepTitle } from "./story.js";

export const stateOfStep = (step) => shownState(step) ?? stateOf(step.verdict);

/** What a step is called in sentences. */
export function titleOf(t, step) {
  if (step.undisclosed) return t("step.undisclosed");
  return step.declares ? t("step.declaration") : stepTitle(t, step.event, step.receipt?.statement);
}

/** A row: state, what was done, where, when, by whom, and what was measured, in a button that opens the details. */
export function row(t, step, passport) {
  const time = eventTime(step.event);
  const place = placeWords(t, step.receipt?.statement?.place, passport.names);
  const write = writer(t);
  const measured = step.undisclosed ? null : summary(t, measures(t, step.event, limitsOf(step, passport)), write);
  return html`<li class="step" id="step-${step.number}">
    <span class="mark is-${stateOfStep(step)}" id="mark-${step.number}">${icon(stateOfStep(step))}</span>
    <button type="button" class="row" data-step="${step.number}" aria-expanded="false" aria-controls="detail-${step.number}">
      <span class="title">${titleOf(t, step)}</span>
      <span class="when">${time === null ? "" : dayOf(time, t.language, step.event.eventTimeZoneOffset, passport.year)}</span>
      ${place && html`<span class="where">${place.where || place.name}</span>`}
      <span class="state" id="state-${step.number}">${badge(t, stateOfStep(step))}</span>
      <span class="who" id="who-${step.number}">${who(t, step, passport)}</span>
      ${step.relation === "ingredient" && html`<span class="of">${t("step.of", { item: itemWords(t, step.of, passport.names) })}</span>`}
      ${measured && html`<span class="measured">${measured.series && sparkline(measured.series)}${measured.text}</span>`}
    </button>
    <div class="detail" id="detail-${step.number}" hidden></div>
  </li>`;
}

/** 'by Waikato Dairy', once known with the word 'signed'. */
export function who(t, step, passport) {
  if (step.undisclosed) return t("step.undisclosed.who");
  const did = reporterOf(step, passport.partners);
  const name = did === null ? t("who.unknown") : t.of(passport.partners[did]?.name) || did;
  const signed = step.verdict?.checks?.some((check) => check.number === 3 && check.state === "passed");
  return t(signed ? "who.signed" : "who.by", { name });
}

/** Everything a step says, its checks, and its receipt. */
export function detail(t, step, passport) {
  if (step.undisclosed) return html`<p>${t("step.undisclosed.why")}</p>${step.verdict && checkList(t, step.verdict)}`;
  const time = eventTime(step.event);
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

/** Charts of series and a table of single values. */
export function measured(t, step, passport) {
  const { series, values } = measures(t, step.event, limitsOf(step, passport));
  const write = writer(t);
  const offset = step.event.eventTimeZoneOffset;
  return html`${series.map((each, i) => html`<figure>
      <figcaption>${each.name}: ${seriesInWords(t, each, write)}</figcaption>
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
    ${values.length > 8 ? html`<details class="values"><summary>${t("measure.values", { count: values.length })}</summary>${valueTable(t, values, write)}</details>` : values.length > 0 && valueTable(t, values, write)}`;
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

/** Writes a number with its unit, or a range. */
const writer = (t) => (value, code, most) => (most === undefined ? quantity(value, code, t.language) : range(value, most, code, t.language));

const fact = (label, text) => html`<dt>${label}</dt><dd>${text}</dd>`;
