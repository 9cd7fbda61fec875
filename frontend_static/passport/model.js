// What the page knows of a passport: its steps in order, each with its event in plain terms and, once checked, its verdict.

import { parse } from "../lib/canonical.js";
import { asList, asObject, plainEvent } from "../lib/terms.js";
import { ERROR_DECLARATION, identifiers } from "../lib/statement.js";
import { partnerId, verify } from "../lib/verdict.js";
import { yearOf } from "../lib/format.js";
import { classOf } from "./story.js";

const DEEPEST = 80; // an event may use 64 levels, the passport stands around it

/** The passport that the service sent, read strictly. `{item, names, partners, steps, closed, truncated, year}`, year the
 *  present one. Steps are numbered from 1; closed ones, whose content is not here, have no number and stand `after` that
 *  many of the others. @throws InvalidJson */
export function readPassport(text) {
  const data = asObject(parse(text, DEEPEST));
  const [steps, closed] = [[], []];
  for (const entry of asList(data.steps).map(asObject)) {
    const kind = ["undisclosed", "erased"].find((each) => Object.hasOwn(entry, each));
    if (kind) closed.push({ kind, entry, after: steps.length, verdict: undefined });
    else steps.push(stepOf(entry, steps.length + 1));
  }
  return { item: asObject(data.item), names: asObject(data.names), partners: asObject(data.partners), steps, closed, truncated: data.truncated === true, year: yearOf(Date.now()) };
}

function stepOf(entry, number) {
  return {
    number,
    relation: entry.relation,
    of: typeof entry.of === "string" ? entry.of : "",
    receipt: entry.receipt ?? null,
    event: plainEvent(asObject(entry.receipt).event),
    verdict: undefined,
    declares: Boolean(asObject(asObject(entry.receipt).statement).flags & ERROR_DECLARATION),
  };
}

/** Take over the verdicts of steps that are unchanged since the last reading (while waiting for a seal). */
export function keepVerdicts(passport, before) {
  const same = ({ relation, of, receipt }) => JSON.stringify([relation, of, receipt]);
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

/** The verdict on a step of an item: of a step that does not speak of it, nothing is proven here. */
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
    step.verdict = tied(await verify(step.receipt, { ...trust, turn, now: Math.floor(Date.now() / 1000), declarations: { asked: [operatorName], receipts: declarations } }), step, passport.item);
    done(step);
  }));
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
