// Extension terms of events, whatever prefix a document gives them: this product's own and GS1's.

import { expand, prefixes } from "./vocabulary.js";

const TERMS = "https://ns.chain-service.example/terms/";
const WEB_VOCABULARY = "https://gs1.org/voc/";
const MASTER_DATA = "urn:epcglobal:cbv:mda:";

/** A copy of a JSON value in which terms of the three namespaces have their plain names ('cs:name' → 'name'). */
export function plainTerms(value, declared) {
  if (Array.isArray(value)) return value.map((each) => plainTerms(each, declared));
  if (value === null || typeof value !== "object") return value;
  const result = {};
  for (const [name, held] of Object.entries(value)) {
    if (name === "@context" || name === "__proto__") continue;
    const full = expand(name, declared);
    const space = [TERMS, WEB_VOCABULARY, MASTER_DATA].find((start) => full.startsWith(start));
    result[space ? full.slice(space.length) : name] = plainTerms(held, declared);
  }
  return result;
}

/** As plainTerms, for a whole event with its own `@context`; {} for what is no object. */
export function plainEvent(event) {
  if (event === null || typeof event !== "object" || Array.isArray(event)) return {};
  return plainTerms(event, prefixes(event["@context"]));
}

/** The last word of a URI or compact URI: 'https://…/step/milking' → 'milking', 'csm:Moisture' → 'Moisture'. */
export function lastWord(uri) {
  return typeof uri === "string" ? uri.split(/[/#:]/).pop().replace(/^(?:BizStep|Disp)-/, "") : "";
}

/** A word as prose: 'customs_clearing' → 'Customs clearing', 'RelativeHumidity' → 'Relative humidity'. */
export function humanWord(word) {
  const spaced = word.replace(/_/g, " ").replace(/([a-z])([A-Z])/g, (_, a, b) => `${a} ${b.toLowerCase()}`).trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export const asList = (value) => (Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]);
export const asObject = (value) => (value !== null && typeof value === "object" && !Array.isArray(value) ? value : {});
