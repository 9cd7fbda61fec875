// What stands in the sections behind a tap: tests and certificates, what it is made of, how do we know.

import { day, list } from "../lib/format.js";
import { html } from "../lib/html.js";
import { certificates } from "./certificates.js";
import { reporterOf } from "./model.js";
import { ingredientsOf, testedSteps } from "./sections.js";
import { itemWords } from "./story.js";

const DEEPEST_TREE = 8;
const MOST_LISTED = 6;

export function certificateList(t, found) {
  return found.length > 0 && html`<ul class="certificates">${found.map((each) => html`<li>
    <strong>${each.name || t("certificate.unnamed")}</strong>
    ${each.standard && html`<span class="line">${each.standard}</span>`}
    ${each.issuedBy && html`<span class="line">${t("certificate.by", { name: each.issuedBy })}</span>`}
    ${each.number && html`<span class="line">${t("certificate.number", { number: each.number })}</span>`}
    ${each.until !== null && html`<span class="line">${t("certificate.until", { day: day(each.until, t.language) })}</span>`}
    ${each.link ? html`<a href="${each.link}" rel="noopener noreferrer" referrerpolicy="no-referrer">${t("certificate.link")}</a>` : each.url && html`<span class="line">${each.url}</span>`}
  </li>`)}</ul>`;
}

/** Steps in which something was measured or certified, each linked to the journey. */
export function tests(t, passport) {
  return html`<ul class="plain">${testedSteps(t, passport).map(({ step, tested, outside }) => html`<li>
    <button type="button" class="link" data-step="${step.number}">${t("tests.step", { number: step.number, title: step.title })}</button>
    ${tested > 0 && html`<span class="line">${t("tests.measured", { count: tested })}${outside > 0 && t("tests.outside", { count: outside })}</span>`}
    ${certificateList(t, certificates(t, step.event))}</li>`)}</ul>`;
}

/** The item's inputs as a tree, from the transformations among its steps. */
export function ingredients(t, passport) {
  const { start, inputs } = ingredientsOf(passport);
  const seen = new Set();
  const tree = (name, depth) => {
    const made = inputs.get(name) ?? [];
    if (seen.has(name) || depth > DEEPEST_TREE || made.length === 0) return null;
    seen.add(name);
    return html`<ul class="tree">${made.map((input) => html`<li>${itemWords(t, input, passport.names)}${tree(input, depth + 1)}</li>`)}</ul>`;
  };
  return tree(start, 0);
}

/** What was proven, whose keys, page and node that rests on, and what it does not say. */
export function proof(t, passport, network, node) {
  const operator = t.of(network?.operator?.name) || t("proof.operator");
  const facts = passport.steps.map((step) => step.verdict?.facts).filter(Boolean);
  const custody = (kind) => facts.filter((each) => each.reporter?.custody === kind).length;
  const late = passport.steps.filter((step) => step.verdict?.notes?.includes("recorded_late"));
  const closed = (kind) => passport.closed.filter((step) => step.kind === kind).length;
  const unnamed = passport.steps.filter((step) => step.verdict && reporterOf(step, passport.partners) === null);
  const sentences = [
    t("proof.proven"),
    custody("operator") > 0 && t(custody("partner") ? "proof.custody.both" : "proof.custody.operator", { operator, count: custody("operator"), own: custody("partner") }),
    custody("operator") === 0 && custody("partner") > 0 && t("proof.custody.partner"),
    node ? t(sameOrigin(node) ? "proof.node.same" : "proof.node.other", { operator, node: host(node) }) : t("proof.node.none", { operator }),
    t("proof.validators", { network: network?.network ?? "" }),
    late.length > 0 && t(late.length === passport.steps.length ? "proof.late.all" : late.length > MOST_LISTED ? "proof.late.many" : "proof.late", { count: late.length, total: passport.steps.length, steps: list(late.map((step) => String(step.number)), t.language) }),
    unnamed.length > 0 && t("proof.unnamed", { count: unnamed.length }),
    ...["undisclosed", "erased"].map((kind) => closed(kind) > 0 && t(`proof.${kind}`, { count: closed(kind), operator })),
    t("proof.elsewhere"),
    t("proof.master"),
    t("proof.copied"),
  ].filter(Boolean);
  const members = (Array.isArray(network?.members) ? network.members : []).filter((member) => /^https?:\/\//.test(member?.verify));
  return html`
    <ul class="sentences">${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>
    <p>${t("proof.sevenChecks")}</p><ol class="asked-list">${[1, 2, 3, 4, 5, 6, 7].map((number) => html`<li>${t(`check.${number}`)}</li>`)}</ol>
    <p>${t("proof.each")}</p>
    <p><a class="action" href="/verify">${t("proof.verify")}</a></p>
    ${members.length > 0 && html`<p>${t("proof.members")}</p><ul class="plain">${members.map((member) => html`<li><a href="${member.verify}" rel="noopener">${t.of(member.name)}</a></li>`)}</ul>`}`;
}

const host = (node) => new URL(node, location.href).host;
const sameOrigin = (node) => new URL(node, location.href).origin === location.origin;
