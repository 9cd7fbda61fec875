// An event in human words: what was done, to what, where, when. Any JSON may come in; what is not understood is left out.

import { canonicalName } from "../lib/digital_link.js";
import { country, number, unit } from "../lib/format.js";
import { identifiers, parseTime } from "../lib/statement.js";
import { asList, asObject, humanWord, lastWord } from "../lib/terms.js";

const TESTED = 3; // fewer readings than this make a look, not a test

/** The title of a step. `event` with plain terms; `statement` of its receipt (its step is a full URI). */
export function stepTitle(t, event, statement) {
  const word = lastWord(statement?.step);
  const reports = asList(event.sensorElementList).flatMap((element) => asList(asObject(element).sensorReport));
  const measured = reports.length >= TESTED ? "measured" : "";
  for (const id of [`step.${word}.${event.type}`, `step.${word}.${measured}`, `step.${word}`]) {
    if (word && t.has(id)) return t(id);
  }
  if (word) return humanWord(word);
  return t.has(`event.${event.type}`) ? t(`event.${event.type}`) : t("event.other");
}

/** Unix milliseconds of an event, null where it says none. */
export function eventTime(event) {
  try {
    return parseTime(event.eventTime);
  } catch {
    return null;
  }
}

/** `{name, where, country}` of a place: its own name, and city and country in one line. Readable without any master data. */
export function placeWords(t, place, names) {
  if (!place) return null;
  const known = asObject(names[place]);
  const where = [t.of(known.city), known.country ? country(known.country, t.language) : ""].filter(Boolean);
  const gln = /\/414\/(\d{13})(?:\/254\/(.+))?$/.exec(place);
  const fallback = gln ? t("place.gln", { gln: gln[1] }) : /^geo:/.test(place) ? t("place.geo", { geo: place.slice(4) }) : lastSegment(place);
  return { name: t.of(known.name) || fallback, where: where.join(t("place.comma")) };
}

/** What an item is called: its name, else its class's name with lot or serial, else its keys. */
export function itemWords(t, name, names) {
  const own = t.of(asObject(names[name]).name);
  if (own) return own;
  const match = /^https:\/\/id\.gs1\.org\/(\w+)\/([^/]+)(?:\/(\w+)\/([^/]+))?$/.exec(name);
  if (match === null) return lastSegment(name);
  const [, ai, value, qualifier, detail] = match;
  const key = t.has(`key.${ai}`) ? t(`key.${ai}`, { value: decoded(value) }) : decoded(value);
  const base = t.of(asObject(names[classOf(name)]).name) || key;
  return qualifier && t.has(`key.${qualifier}`) ? `${base}${t("key.join")}${t(`key.${qualifier}`, { value: decoded(detail) })}` : base;
}

/** The class that an instance or lot belongs to. */
export const classOf = (name) => name.replace(/^(https:\/\/id\.gs1\.org\/(?:01|8006)\/[^/]+)\/.*$/, "$1");

/** The what dimension in words: `[{role, words, amount}]`, at most `most` of each role, then how many more. */
export function itemsOfStep(t, event, original, names, most = 4) {
  const amounts = amountsOf(t, event);
  const roles = new Map();
  try {
    for (const [role, name] of identifiers(original)) {
      if (!roles.has(role)) roles.set(role, []);
      roles.get(role).push({ words: itemWords(t, name, names), amount: amounts.get(name) ?? "" });
    }
  } catch {
    return []; // check 2 says what is wrong with the identifiers
  }
  return [...roles].map(([role, items]) => ({ role, items: items.slice(0, most), more: Math.max(0, items.length - most) }));
}

function amountsOf(t, event) {
  const amounts = new Map();
  for (const field of ["quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"]) {
    for (const each of asList(event[field])) {
      const { epcClass, quantity, uom } = asObject(each);
      if (typeof epcClass !== "string" || typeof quantity !== "number") continue;
      amounts.set(canonicalName(epcClass), `${number(quantity, t.language)}\u00a0${unit(uom) || t("amount.pieces")}`);
    }
  }
  return amounts;
}

/** Inputs of transformations by output: the tree of what an item is made of. `steps`: `[{receipt}]`. */
export function madeOf(steps) {
  const inputs = new Map();
  for (const { receipt } of steps) {
    const event = asObject(receipt?.event);
    if (event.type !== "TransformationEvent") continue;
    try {
      const found = identifiers(event);
      const names = (role) => found.filter(([each]) => each === role).map(([, name]) => name);
      for (const output of names("output")) inputs.set(output, [...new Set([...(inputs.get(output) ?? []), ...names("input")])]);
    } catch {
      continue; // check 2 says what is wrong with it
    }
  }
  return inputs;
}

/** Other facts that an event states about the item or itself, as `[[label, text]]`. */
export function facts(t, event) {
  const found = [];
  const held = { ...asObject(event.ilmd), ...event };
  for (const [name, value] of Object.entries(held)) {
    if (!t.has(`fact.${name}`)) continue;
    const text = typeof value === "number" ? number(value, t.language) : name === "countryOfOrigin" ? country(String(value), t.language) : t.of(value);
    if (text) found.push([t(`fact.${name}`), text]);
  }
  return found;
}

function lastSegment(name) {
  return decoded(String(name).split(/[/:]/).filter(Boolean).pop() ?? String(name));
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
