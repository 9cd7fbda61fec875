// The states of a step: a colour, a shape and a word together, never colour alone.

import { html } from "../lib/html.js";

// Drawn on a 24-unit grid with a 2.4-unit line; each shape is distinct in black and white.
const SHAPES = {
  proven: "M5 12.5l4.5 4.5L19 7.5",
  waiting: "M12 7v5h4.5M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  altered: "M6 6l12 12M18 6L6 18",
  unentitled: "M6 6l12 12M18 6L6 18",
  declared: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM7 12h10",
  undisclosed: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  erased: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.5 17.5l11-11",
  unknown: "M9 9a3 3 0 1 1 4.2 2.7c-.8.4-1.2 1-1.2 1.9v.4M12 18v.2",
  checking: "M12 4a8 8 0 1 0 8 8",
};

/** What a verdict makes of a step; `undefined` while it is being checked. `held`: the state of one that holds. */
export function stateOf(verdict, held = "proven") {
  if (verdict === undefined) return "checking";
  if (verdict.state === "failed") {
    const failed = verdict.checks.filter((check) => check.state === "failed").map((check) => check.number);
    if (failed.some((number) => number !== 4 && number !== 7)) return "altered";
    return failed.includes(4) ? "unentitled" : "declared";
  }
  return { waiting: "waiting", proven: held }[verdict.state] ?? "unknown";
}

export function icon(state) {
  return html`<svg class="shape" viewBox="0 0 24 24" aria-hidden="true"><path d="${SHAPES[state]}"/></svg>`;
}

/** Shape and word in the state's colour. */
export function badge(t, state) {
  return html`<span class="badge is-${state}">${icon(state)}<span>${t(`state.${state}`)}</span></span>`;
}

/** As badge, with a word of its own. */
export const mark = (state, word) => html`<span class="badge is-${state}">${icon(state)}<span>${word}</span></span>`;
