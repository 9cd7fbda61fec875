// What the page knows of a passport: its steps in order, each with its event in plain terms and, once checked, its verdict.

import { parse } from "../lib/canonical.js";
import { asList, asObject, plainEvent } from "../lib/terms.js";
import { ERROR_DECLARATION, identifiers } from "../lib/statement.js";
import { partnerId, verify, verifyUndisclosed } from "../lib/verdict.js";
import { yearOf } from "../lib/format.js";
import { classOf } from "./story.js";

const DEEPEST = 80; // an event may use 64 levels, the passport stands around it

/** The passport that the service sent, read strictly. `{item, names, partners, steps, truncated, year}`, year the present one. @throws InvalidJson */
export function readPassport(text) {
  const data = asObject(parse(text, DEEPEST));
  const steps = asList(data.steps).map(asObject).map((step, i) => ({
    number: i + 1,
    relation: step.relation,
    of: typeof step.of === "string" ? step.of : "",
    undisclosed: step.undisclosed === true ? step : null,
    receipt: step.receipt ?? null,
    event: plainEvent(asObject(step.receipt).event),
    verdict: undefined,
    declares: Boolean(asObject(asObject(step.receipt).statement).flags & ERROR_DECLARATION),
  }));
  return { item: asObject(data.item), names: asObject(data.names), partners: asObject(data.partners), steps, truncated: data.truncated === true, year: yearOf(Date.now()) };
}

/** Take over the verdicts of steps that are unchanged since the last reading (while waiting for a seal). */
export function keepVerdicts(passport, before) {
  const same = ({ relation, of, undisclosed, receipt }) => JSON.stringify([relation, of, undisclosed, receipt]);
  const known = new Map(before.steps.filter((step) => step.verdict?.state === "proven").map((step) => [same(step), step.verdict]));
  for (const step of passport.steps) step.verdict = known.get(same(step));
}

/** Whether the event of a step speaks of what ties it to the item: the item itself, else what it is said to come through. */
function isTied(step, item) {
  const named = { self: item.name, container: step.of, lot: step.of, ingredient: step.of }[step.relation];
  try {
    return identifiers(step.receipt.event).some(([, name]) => name === named);
  } catch {
    return false;
  }
}

/** The verdict on a disclosed step of an item: of a step that does not speak of it, nothing is proven here. */
function tied(verdict, step, item) {
  if (verdict.state === "failed" || isTied(step, item)) return verdict;
  return { ...verdict, state: "incomplete", notes: ["other_item", ...verdict.notes] };
}

/** Check every step that has no verdict yet; `done(step)` after each, in the order in which they are finished. */
export async function checkAll(passport, trust, operatorName, done) {
  const declarations = passport.steps.filter((step) => step.declares).map((step) => step.receipt);
  const open = passport.steps.filter((step) => step.verdict === undefined);
  let last = Promise.resolve();
  // One step at a time computes, a task each, so the page stays responsive; what the node says is awaited by all at once.
  const turn = () => (last = last.then(() => new Promise((resume) => setTimeout(resume, 0))));
  await Promise.all(open.map(async (step) => {
    step.verdict = step.undisclosed
      ? await verifyUndisclosed(step.undisclosed, trust)
      : tied(await verify(step.receipt, { ...trust, turn, now: Math.floor(Date.now() / 1000), declarations: { asked: [operatorName], receipts: declarations } }), step, passport.item);
    done(step);
  }));
}

/** The state to show for a step before its verdict's own: an undisclosed step that holds is 'undisclosed'. */
export function shownState(step) {
  return step.undisclosed && step.verdict && step.verdict.state !== "failed" ? "undisclosed" : undefined;
}

/** The DID of the partner that reported a step: as the registry knows it, else as the receipt names it (a hint). */
export function reporterOf(step, partners) {
  const confirmed = step.verdict?.facts?.reporter?.partner;
  const hint = asObject(asObject(step.receipt).reporter).partner;
  if (!confirmed) return typeof hint === "string" ? hint : null;
  return Object.keys(partners).concat(hint).find((did) => typeof did === "string" && partnerId(did) === confirmed) ?? null;
}

/** Limits that hold for readings of a step, by measurement type: of what it concerns, its class, or the item itself. */
export function limitsOf(step, passport) {
  const { names, item } = passport;
  const candidates = [step.of, classOf(step.of), ...(step.relation === "ingredient" ? [] : [item.name ?? "", classOf(item.name ?? "")])];
  return Object.assign({}, ...candidates.reverse().map((name) => asObject(asObject(names[name]).limits)));
}
