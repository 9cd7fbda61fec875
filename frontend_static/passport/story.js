// An event in human words: what was done, where, when, what an item is called. Any JSON may come in.

import { country } from "../lib/format.js";
import { identifiers, parseTime } from "../lib/statement.js";
import { asList, asObject, humanWord, lastWord } from "../lib/terms.js";
import { STEPS, prefixes, stepUri } from "../lib/vocabulary.js";

const TESTED = 3; // fewer readings than this make a look, not a test
const LATEST = 253402300799999; // the end of the year 9999
// The vocabularies whose steps have titles of their own, with their words: the CBV's, and the one of this product's samples.
const TITLED = [
  ["https://ref.gs1.org/cbv/BizStep-", STEPS],
  ["https://ns.chain-service.example/step/", ["milking", "sowing", "planting", "harvesting", "cooling", "customs_clearing"]],
];

/** The title of a step. `event` with plain terms; `statement` of its receipt (its step is a full URI). */
export function stepTitle(t, event, statement) {
  const step = stepOf(statement);
  const word = titledWord(step);
  const reports = asList(event.sensorElementList).flatMap((element) => asList(asObject(element).sensorReport));
  const measured = reports.length >= TESTED ? "measured" : "";
  for (const id of [`step.${word}.${event.type}`, `step.${word}.${measured}`, `step.${word}`]) {
    if (word && t.has(id)) return t(id);
  }
  if (lastWord(step)) return humanWord(lastWord(step));
  return t.has(`event.${event.type}`) ? t(`event.${event.type}`) : t("event.other");
}

/** Whose word a step is where it is none of the vocabularies with titles: the host of its URI, else what stands before the
 *  word; '' for the others. */
export function stepSource(statement) {
  const step = stepOf(statement);
  if (step === "" || titledWord(step) !== null) return "";
  return /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#]+)/i.exec(step)?.[1] ?? step.replace(/[:/#][^:/#]*$/, "");
}

/** The step that was signed, in full. */
function stepOf(statement) {
  const step = asObject(statement).step;
  if (typeof step !== "string") return "";
  try {
    return step && stepUri(step, prefixes(null));
  } catch {
    return step; // check 2 says that it is no word
  }
}

function titledWord(step) {
  const [start, words] = TITLED.find(([each]) => step.startsWith(each)) ?? ["", []];
  return words.find((word) => start + word === step) ?? null;
}

/** Unix milliseconds that were signed, else those of the event; null where neither says any. */
export function statedTime(event, statement) {
  const { eventTime: signed } = asObject(statement);
  return Number.isSafeInteger(signed) && signed >= 0 && signed <= LATEST ? signed : eventTime(event);
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
