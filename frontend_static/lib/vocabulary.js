// Business steps, dispositions and alerts of the Core Business Vocabulary 2.0, whichever way they are written, as full URIs.

const GS1_PREFIXES = {
  cbv: "https://ref.gs1.org/cbv/",
  cbvmda: "urn:epcglobal:cbv:mda:",
  dcterms: "http://purl.org/dc/terms/",
  epcis: "https://ref.gs1.org/epcis/",
  gs1: "https://gs1.org/voc/",
  owl: "http://www.w3.org/2002/07/owl#",
  rdfs: "http://www.w3.org/2000/01/rdf-schema#",
  xsd: "http://www.w3.org/2001/XMLSchema#",
};
const GS1_NAMESPACES = ["cbv:", "gs1:", "epcis:", "cbvmda:", "urn:epcglobal:"];
for (const scheme of ["https", "http"]) {
  for (const host of ["", "www.", "ref.", "ns."]) GS1_NAMESPACES.push(`${scheme}://${host}gs1.org/`);
}
// RFC 3986 section 3 and IRIs (RFC 3987): a scheme, a colon, no character that must be percent-encoded.
const URI = /^[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20\x7f-\xa0<>"{}|\\^`\ud800-\udfff]+$/u;

/** A word that a vocabulary does not define. */
export class InvalidWord extends Error {}

export const STEPS =
  "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting installing killing loading other packing picking receiving removing repackaging repairing replacing reserving retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting unloading unpacking void_shipping".split(" ");
export const DISPOSITIONS =
  "active available completeness_inferred completeness_verified conformant container_closed container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown".split(" ");

const forms = (words, space, prefix, urn) =>
  new Map(words.flatMap((word) => {
    const uri = `${GS1_PREFIXES[space]}${prefix}${word}`;
    const written = [word, `${space}:${prefix}${word}`, uri];
    return (urn ? [...written, urn + word] : written).map((form) => [form, uri]);
  }));
const STEP_URIS = forms(STEPS, "cbv", "BizStep-", "urn:epcglobal:cbv:bizstep:");
const DISPOSITION_URIS = forms(DISPOSITIONS, "cbv", "Disp-", "urn:epcglobal:cbv:disp:");
const ALERT_URIS = forms(["ALARM_CONDITION", "ERROR_CONDITION"], "gs1", "", null);

/** The full URI of a business step; a URI of another vocabulary comes back in full. @throws InvalidWord */
export const stepUri = (word, declared) => uriOf(STEP_URIS, word, declared);
export const dispositionUri = (word, declared) => uriOf(DISPOSITION_URIS, word, declared);
export const alertUri = (word, declared) => uriOf(ALERT_URIS, word, declared);

function uriOf(known, word, declared = prefixes(null)) {
  if (known.has(word)) return known.get(word);
  const full = expand(word, declared);
  if (known.has(full)) return known.get(full);
  const lower = full.toLowerCase();
  if (GS1_NAMESPACES.some((start) => lower.startsWith(start) || word.startsWith(start)) || !URI.test(full)) {
    throw new InvalidWord(`'${word.slice(0, 80)}' is no word of the vocabulary`);
  }
  return full;
}

/** All prefixes that an event's `@context` declares, GS1's included, which it may not redefine. */
export function prefixes(context) {
  const found = new Map(Object.entries(GS1_PREFIXES));
  for (const part of Array.isArray(context) ? context : [context]) {
    if (part === null || typeof part !== "object" || Array.isArray(part)) continue;
    for (const [term, meaning] of Object.entries(part)) {
      const iri = meaning !== null && typeof meaning === "object" ? meaning["@id"] : meaning;
      if (typeof iri === "string" && !term.startsWith("@") && !Object.hasOwn(GS1_PREFIXES, term)) found.set(term, iri);
    }
  }
  return found;
}

/** The full URI of a compact one; any other text unchanged (JSON-LD 1.1 API section 5.2.2). */
export function expand(text, declared) {
  const colon = text.indexOf(":");
  const rest = text.slice(colon + 1);
  if (colon < 0 || rest.startsWith("//") || !declared.has(text.slice(0, colon))) return text;
  return declared.get(text.slice(0, colon)) + rest;
}
