// Extension terms of events, whatever prefix a document gives them: this product's own and GS1's.

import { expand, prefixes } from "./vocabulary.js";

const TERMS = "https://ns.chain-service.example/terms/";
const WEB_VOCABULARY = "https://gs1.org/voc/";
const MASTER_DATA = "urn:epcglobal:cbv:mda:";
// What EPCIS itself calls the parts of an event: no extension term may pass for one of them.
const EPCIS = new Set(
  "type id eventID eventTime eventTimeZoneOffset recordTime errorDeclaration action bizStep disposition persistentDisposition readPoint bizLocation bizTransactionList sourceList destinationList epcList quantityList parentID childEPCs childQuantityList inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID ilmd sensorElementList sensorMetadata sensorReport time startTime endTime value minValue maxValue meanValue stringValue booleanValue uriValue hexBinaryValue uom exception epcClass quantity".split(" "),
);

/** A copy of a JSON value in which terms of the three namespaces have their plain names ('cs:name' → 'name'), except where
 *  that is the name of another member or EPCIS's own: those keep the name they were given. */
export function plainTerms(value, declared) {
  if (Array.isArray(value)) return value.map((each) => plainTerms(each, declared));
  if (value === null || typeof value !== "object") return value;
  const result = {};
  for (const [name, held] of Object.entries(value)) {
    if (name === "@context" || name === "__proto__") continue;
    const full = expand(name, declared);
    const space = [TERMS, WEB_VOCABULARY, MASTER_DATA].find((start) => full.startsWith(start));
    const plain = space ? full.slice(space.length) : name;
    const taken = plain !== name && (EPCIS.has(plain) || plain === "__proto__" || Object.hasOwn(value, plain) || Object.hasOwn(result, plain));
    result[taken ? name : plain] = plainTerms(held, declared);
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
