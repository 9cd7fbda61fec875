// A sequence: the steps of one or several planned requests, in order, with how far each has come. Plain data, so that it
// can be kept and gone on with.

import { asList, asObject } from "../../lib/terms.js";

/** `{title, requests, canSendHere, checks, steps}`; a step is what the plan says, with `request` (its place), `state`
 *  (open, sent, done, failed) and `transaction`. `ask(request)` plans one. */
export async function planned(title, requests, ask) {
  const plans = [];
  for (const request of requests) plans.push(asObject(await ask(request)));
  return {
    title,
    requests,
    canSendHere: plans.every((plan) => plan.canSendHere === true),
    checks: plans.flatMap((plan) => asList(plan.checks).map(asObject)),
    steps: plans.flatMap((plan, request) => asList(plan.steps).map((step) => ({ ...asObject(step), request, state: "open", transaction: null }))),
    made: [],
  };
}

export const done = ({ steps }) => steps.filter(({ state }) => state === "done").length;
export const isRefused = ({ steps }) => steps.some(({ refusal }) => refusal);

/** The name of a contract's error without its arguments: 'PartnerRegistry_NotAdmin(0x…)' → 'NotAdmin'. */
export const refusalName = (refusal) => String(refusal).replace(/\(.*$/s, "").replace(/^.*_/, "");
