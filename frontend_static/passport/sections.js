// The sections behind a tap, by their headings; what stands in them (proof.js) is fetched when one is opened.

import { html } from "../lib/html.js";
import { asList } from "../lib/terms.js";
import { measures } from "./measures.js";
import { limitsOf } from "./model.js";
import { classOf, madeOf } from "./story.js";

/** Headings of the sections that have something to say. */
export function sections(t, passport) {
  const found = testedSteps(t, passport);
  const count = found.reduce((sum, each) => sum + each.tested + each.certified, 0);
  return html`
    ${count > 0 && section("tests", t("section.tests"), count)}
    ${ingredientsOf(passport).start && section("made-of", t("section.madeOf"), null)}
    ${section("how", t("section.how"), null)}`;
}

/** `[{step, tested, outside, certified}]`: how much was measured in a step, how much outside its limits, and how many
 *  certificates it carries (a link alone is one; otherwise it belongs to one that is listed). */
export function testedSteps(t, passport) {
  return passport.steps.map((step) => {
    const { series, values } = measures(t, step.event, limitsOf(step, passport));
    const outside = values.filter((value) => value.outside).length + series.filter((each) => each.outside).length;
    const certified = Math.max(...["certificates", "certification", "certificationInfo"].map((name) => asList(step.event[name]).length));
    return { step, tested: values.length + series.length, outside, certified };
  }).filter(({ tested, certified }) => tested > 0 || certified > 0);
}

/** Where the tree of ingredients starts (undefined where none is known), and inputs by output. */
export function ingredientsOf(passport) {
  const inputs = madeOf(passport.steps);
  const { name: itself = "" } = passport.item;
  // The item's own transformation, else that of its lot, else that of another lot or instance of its class.
  const roots = [itself, ...passport.steps.filter((step) => step.relation === "lot").map((step) => step.of)];
  const start = roots.find((name) => inputs.has(name)) ?? [...inputs.keys()].find((name) => classOf(name) === classOf(itself));
  return { start, inputs };
}

function section(id, title, count) {
  return html`<details class="section" id="${id}"><summary><h2>${title}</h2>${count !== null && html`<span class="count">${count}</span>`}</summary><div class="body"></div></details>`;
}
