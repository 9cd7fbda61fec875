// One step as a row of the journey.

import { badge, icon, stateOf } from "../components/state.js";
import { sparkline } from "../components/sparkline.js";
import { dayOf, quantity, range } from "../lib/format.js";
import { html } from "../lib/html.js";
import { measures, summary } from "./measures.js";
import { limitsOf, reporterOf } from "./model.js";
import { itemWords, placeWords, statedTime, stepSource, stepTitle } from "./story.js";

const CARRIER = /^https:\/\/id\.gs1\.org\/(?:00|8003|8004)\//; // what carries goods and is no part of them

/** What a step is called in sentences. */
export function titleOf(t, step) {
  return step.declares ? t("step.declaration") : stepTitle(t, step.event, step.receipt?.statement);
}

/** A line of the journey: a mark, and a button that opens what stands behind it. */
export function line(key, state, body) {
  return html`<li class="step" id="step-${key}">
    <span class="mark is-${state}" id="mark-${key}">${icon(state)}</span>
    <button type="button" class="row" data-step="${key}" aria-expanded="false" aria-controls="detail-${key}">${body}</button>
    <div class="detail" id="detail-${key}" hidden></div>
  </li>`;
}

/** A step's line: state, what was done, where, when, by whom, and what was measured. */
export function row(t, step, passport) {
  const time = statedTime(step.event, step.receipt?.statement);
  const source = step.declares ? "" : stepSource(step.receipt?.statement);
  const place = placeWords(t, step.receipt?.statement?.place, passport.names);
  const write = writer(t);
  const measured = summary(t, measures(t, step.event, limitsOf(step, passport)), write);
  const state = stateOf(step.verdict);
  return line(step.number, state, html`<span class="title">${titleOf(t, step)}</span>
      <span class="when">${time === null ? "" : dayOf(time, t.language, step.event.eventTimeZoneOffset, passport.year)}</span>
      ${place && html`<span class="where">${place.where || place.name}</span>`}
      <span class="state" id="state-${step.number}">${badge(t, state)}</span>
      <span class="who" id="who-${step.number}">${who(t, step, passport)}</span>
      ${source && html`<span class="of">${t("step.source", { host: source })}</span>`}
      ${step.relation === "ingredient" && html`<span class="of">${t(CARRIER.test(step.of) ? "step.carrier" : "step.of", { item: itemWords(t, step.of, passport.names) })}</span>`}
      ${measured && html`<span class="measured">${measured.series && sparkline(measured.series)}${measured.text}</span>`}`);
}

/** 'by Waikato Dairy', with the word 'signed' once the registry confirmed whose key signed. */
export function who(t, step, passport) {
  const did = reporterOf(step, passport.partners);
  const name = did === null ? t("who.unknown") : t.of(passport.partners[did]?.name) || did;
  const signed = step.verdict?.checks?.some((check) => check.number === 3 && check.state === "passed");
  if (did !== null && step.verdict && !step.verdict.facts?.reporter) return t("who.claimed", { name });
  return t(signed && step.verdict.facts?.reporter ? "who.signed" : "who.by", { name });
}

/** Writes a number with its unit, or a range. */
export const writer = (t) => (value, code, most) => (most === undefined ? quantity(value, code, t.language) : range(value, most, code, t.language));
