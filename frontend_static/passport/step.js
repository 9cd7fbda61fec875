// One step as a row of the journey.

import { badge, icon, stateOf } from "../components/state.js";
import { sparkline } from "../components/sparkline.js";
import { dayOf, quantity, range } from "../lib/format.js";
import { html } from "../lib/html.js";
import { measures, summary } from "./measures.js";
import { limitsOf, reporterOf, shownState } from "./model.js";
import { itemWords, placeWords, statedTime, stepSource, stepTitle } from "./story.js";

const CARRIER = /^https:\/\/id\.gs1\.org\/(?:00|8003|8004)\//; // what carries goods and is no part of them

export const stateOfStep = (step) => shownState(step) ?? stateOf(step.verdict);

/** What a step is called in sentences. */
export function titleOf(t, step) {
  if (step.undisclosed) return t("step.undisclosed");
  return step.declares ? t("step.declaration") : stepTitle(t, step.event, step.receipt?.statement);
}

/** A row: state, what was done, where, when, by whom, and what was measured, in a button that opens the details. */
export function row(t, step, passport) {
  const time = statedTime(step.event, step.receipt?.statement);
  const source = step.undisclosed || step.declares ? "" : stepSource(step.receipt?.statement);
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
      ${source && html`<span class="of">${t("step.source", { host: source })}</span>`}
      ${step.relation === "ingredient" && html`<span class="of">${t(CARRIER.test(step.of) ? "step.carrier" : "step.of", { item: itemWords(t, step.of, passport.names) })}</span>`}
      ${measured && html`<span class="measured">${measured.series && sparkline(measured.series)}${measured.text}</span>`}
    </button>
    <div class="detail" id="detail-${step.number}" hidden></div>
  </li>`;
}

/** 'by Waikato Dairy', with the word 'signed' once the registry confirmed whose key signed. */
export function who(t, step, passport) {
  if (step.undisclosed) return t("step.undisclosed.who");
  const did = reporterOf(step, passport.partners);
  const name = did === null ? t("who.unknown") : t.of(passport.partners[did]?.name) || did;
  const signed = step.verdict?.checks?.some((check) => check.number === 3 && check.state === "passed");
  if (did !== null && step.verdict && !step.verdict.facts?.reporter) return t("who.claimed", { name });
  return t(signed && step.verdict.facts?.reporter ? "who.signed" : "who.by", { name });
}

/** Writes a number with its unit, or a range. */
export const writer = (t) => (value, code, most) => (most === undefined ? quantity(value, code, t.language) : range(value, most, code, t.language));
