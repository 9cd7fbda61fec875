// The plain sentence at the top: what was proven of all steps together, and what was not.

import { dayInWords, list, moment } from "../lib/format.js";
import { stateOf } from "../components/state.js";

/** `{state, headline, details}` of the steps `[{number, title, receipt, verdict}]` of an item of a level; details are sentences. */
export function bandOf(t, steps, level) {
  const states = steps.map((step) => stateOf(step.verdict));
  const at = (state) => steps.filter((_, i) => states[i] === state);
  const done = steps.length - at("checking").length;
  if (steps.length === 0) return { state: "unknown", headline: t(level === "class" ? "band.class" : "band.none"), details: [] };
  if (done < steps.length) return { state: "checking", headline: t("band.checking", { count: steps.length }), details: [], done };
  const altered = at("altered");
  if (altered.length) return { state: "altered", headline: alteredHeadline(t, altered), details: [...altered.map((step) => whatDiffers(t, step)), ...troubles(t, at, ["unentitled", "declared"]), ...theRest(t, at("proven"))] };
  for (const state of ["unentitled", "declared"]) {
    const found = at(state);
    if (found.length) return { state, headline: t(`band.${state}`, { count: found.length, steps: numbers(t, found) }), details: [...found.map((step) => t("band.step", step)), ...(state === "unentitled" ? troubles(t, at, ["declared"]) : []), ...theRest(t, at("proven"))] };
  }
  const waiting = at("waiting");
  const unknown = at("unknown");
  const others = unknown.filter((step) => step.verdict.notes?.includes("other_item"));
  if (others.length) return { state: "unknown", headline: t("band.otherItem", { count: others.length, steps: numbers(t, others) }), details: theRest(t, at("proven")) };
  if (unknown.length) return { state: "unknown", headline: t(`band.${unreached(unknown) ? "unreachable" : "incomplete"}`, { count: unknown.length, steps: numbers(t, unknown) }), details: [] };
  if (waiting.length) return { state: "waiting", headline: t("band.waiting", { count: waiting.length, steps: numbers(t, waiting) }), details: theRest(t, at("proven")) };
  return { state: "proven", headline: t("band.proven", { count: at("proven").length }), details: [provenBy(t, steps)] };
}

/** What differs in an altered step, in words. */
export function whatDiffers(t, step) {
  return t("band.differs", { number: step.number, title: step.title, what: differences(t, [step]) });
}

/** What failed in altered steps, as a list in words. */
export function differences(t, steps) {
  const failed = steps.flatMap((step) => step.verdict.checks.filter((check) => check.state === "failed"));
  const parts = failed.filter(({ number }) => number !== 4).map(({ number, code }) => t(code === "ill_formed" ? "differs.form" : code === "not_sealed" ? "differs.sealMissing" : code === "other_network" ? "differs.network" : `differs.${number}`));
  return list([...new Set(parts)], t.language);
}

function alteredHeadline(t, altered) {
  const [step] = altered;
  const sealedAt = step.verdict.facts?.sealedAt ?? step.receipt?.anchor?.sealedAt;
  const known = altered.length === 1 && Number.isSafeInteger(sealedAt);
  const values = { count: altered.length, steps: numbers(t, altered), day: known ? dayInWords(sealedAt * 1000, t.language) : "" };
  return t(known ? "band.altered.dated" : "band.altered", values);
}

function provenBy(t, steps) {
  const reporters = new Set(steps.map((step) => step.verdict?.facts?.reporter?.partner).filter(Boolean));
  const last = Math.max(...steps.map((step) => step.verdict?.facts?.sealedAt ?? 0));
  return t("band.by", { count: reporters.size, moment: moment(last * 1000, t.language) });
}

/** What else is wrong than what the headline says. */
const troubles = (t, at, states) => states.filter((state) => at(state).length).map((state) => t(`band.also.${state}`, { count: at(state).length, steps: numbers(t, at(state)) }));

/** What holds besides: nothing to say where no step is proven. */
const theRest = (t, proven) => (proven.length ? [t("band.rest", { count: proven.length })] : []);

const numbers = (t, steps) => list(steps.map((step) => String(step.number)), t.language);
export const unreached = (steps) => steps.every((step) => step.verdict.checks.some((check) => ["unreachable", "other_node"].includes(check.code)));
