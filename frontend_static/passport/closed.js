// Steps whose content is not here, undisclosed to this reader or erased by their reporter: their lines in the journey, and
// what the verdict band says of them. Fetched only for a passport that has such closed steps.

import { badge, stateOf } from "../components/state.js";
import { day } from "../lib/format.js";
import { html } from "../lib/html.js";
import { isDid, isTime, repeated, verifyClosed } from "../lib/place.js";
import { parseTime } from "../lib/statement.js";
import { asObject } from "../lib/terms.js";
import { differences, unreached } from "./band.js";
import { line } from "./step.js";

// From the worst to the best: a line of several steps shows its worst, and the band the worst of all.
const ORDER = ["checking", "altered", "unentitled", "declared", "unknown", "waiting", "proven", "erased", "undisclosed"];

const placeOf = (step) => asObject(step.entry[step.kind]);
const stateOfStep = (step) => stateOf(step.verdict, step.kind);

/** Check every closed step; `done(step)` after each. */
export async function checkClosed({ steps, closed }, trust, done) {
  const key = ({ batch, index, leafHash }) => (batch ? JSON.stringify([batch.operator, batch.number, index]) : leafHash);
  const taken = new Set(steps.map(({ receipt }) => key(asObject(receipt))));
  await Promise.all(closed.map(async (step) => {
    const own = key(placeOf(step));
    const again = own !== undefined && taken.has(own);
    taken.add(own);
    step.verdict = again ? repeated() : await verifyClosed(step.entry, trust);
    done(step);
  }));
}

/** The lines of closed steps, undisclosed ones in a row as one: `{key, after, kind, waits, steps}`. */
export function linesOf({ closed }) {
  const lines = [];
  for (const step of closed) {
    const last = lines.at(-1);
    const waits = placeOf(step).batch === null;
    const joins = step.kind === "undisclosed" && last?.kind === step.kind && last.after === step.after && last.waits === waits;
    if (joins) last.steps.push(step);
    else lines.push({ key: `closed-${lines.length + 1}`, after: step.after, kind: step.kind, waits, steps: [step] });
  }
  return lines;
}

/** The steps of a journey, given as `rows`, with the lines of the closed ones between them. */
export function journey(t, passport, rows) {
  const lines = linesOf(passport);
  const after = (count) => lines.filter((each) => each.after === count).map((each) => line(each.key, lineState(each), words(t, each, passport.partners)));
  return [after(0), rows.map((row, i) => [row, after(i + 1)])];
}

/** What changes in a line when a step of it was checked: `{key, state}`. */
export function changed(passport, step) {
  const found = linesOf(passport).find(({ steps }) => steps.includes(step));
  return { key: found.key, state: lineState(found) };
}

const lineState = ({ steps }) => ORDER.find((state) => steps.some((step) => stateOfStep(step) === state));

const words = (t, each, partners) => html`<span class="title">${titleOf(t, each, partners)}</span>
  <span class="state" id="state-${each.key}">${badge(t, lineState(each))}</span>
  <span class="who">${t(`closed.${each.kind}.content`, { count: each.steps.length })}</span>`;

/** What a line says: how many steps it stands for, or who erased one and when. */
export function titleOf(t, { kind, waits, steps }, partners) {
  if (kind === "undisclosed") return t(waits ? "closed.undisclosed.waits" : "closed.undisclosed", { count: steps.length });
  const { by, at } = placeOf(steps[0]);
  if (!isDid(by) || !isTime(at)) return t("closed.erased.unsaid");
  return t("closed.erased", { name: t.of(asObject(partners[by]).name) || by, day: day(parseTime(at), t.language) });
}

/** The band of a passport with closed steps, where `band` is that of the `shown` others (bandOf). */
export function bandWith(t, band, shown, closed) {
  const at = (state) => closed.filter((step) => stateOfStep(step) === state);
  const open = at("checking").length;
  if (open > 0 || band.state === "checking") {
    const done = (band.state === "checking" ? band.done : shown) + closed.length - open;
    return { state: "checking", headline: t("band.checking", { count: shown + closed.length }), details: [], done };
  }
  const troubled = ["altered", "unknown", "waiting"].filter((state) => at(state).length);
  const held = ["undisclosed", "erased"].filter((kind) => at(kind).length);
  const counted = (kind, how = "more") => t(`closed.${how}.${kind}`, { count: at(kind).length });
  if (!troubled.length && shown > 0 && band.state === "proven") {
    const clauses = [t("closed.seen", { count: shown }), ...held.map((kind) => counted(kind))];
    return { ...band, headline: sentence(t, clauses), details: [t("closed.each"), ...band.details] };
  }
  if (!troubled.length && shown === 0) {
    return { state: held[0], headline: sentence(t, held.map((kind, i) => counted(kind, i ? "more" : "only"))), details: [t("closed.none")] };
  }
  const said = troubled.map((state) => (state === "unknown" && unreached(at(state)) ? t("band.unreachable") : counted(state, "band")));
  const differs = troubled[0] === "altered" && t("closed.differs", { what: differences(t, at("altered")) });
  const others = shown === 0 ? [] : band.state === "proven" ? [t("band.rest", { count: shown })] : [band.headline, ...band.details];
  const also = held.length > 0 && sentence(t, held.map((kind) => counted(kind)));
  const leads = shown === 0 || (troubled.length > 0 && ORDER.indexOf(troubled[0]) < ORDER.indexOf(band.state));
  const sentences = leads ? [said[0], differs, ...said.slice(1), ...others, also] : [...others, ...said, differs, also];
  const [headline, ...details] = new Set(sentences.filter(Boolean));
  return { state: leads ? troubled[0] : band.state, headline, details };
}

/** Clauses as one sentence. */
function sentence(t, clauses) {
  const text = t("closed.sentence", { clauses: clauses.join(t("closed.and")) });
  return text[0].toUpperCase() + text.slice(1);
}
