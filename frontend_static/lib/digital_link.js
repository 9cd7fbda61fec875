// Names of items and places: the canonical GS1 Digital Link of any identifier (DESIGN section 4).
// Source: GS1 Digital Link URI Syntax 1.3 sections 4 and 5, CBV 2.0 section 8.9.

import { keysOfUrn, unescapePercent } from "./epc_urn.js";
import { ALIASES, KEYS, QUALIFIERS, InvalidKey, NotInFormat, check } from "./gs1.js";

const CANONICAL_HOST = "id.gs1.org";
const SHORTEST_GTIN = 8;
const ONLY_DIGITS = new Set(["00", "01", "402", "414", "415", "417", "8006", "8017", "8018"]);

/** The one name of an item or place; an identifier without a Digital Link form comes back unchanged.
 *  Takes EPC URNs, class and pattern URNs, Digital Links on any domain. @throws InvalidKey for a malformed GS1 key. */
export function canonicalName(identifier) {
  if (identifier.slice(0, 8).toLowerCase() === "urn:epc:") {
    const keys = keysOfUrn(identifier);
    return keys === null ? identifier : nameOf(keys[0][0], check(...keys[0]), keys.slice(1));
  }
  const separator = identifier.indexOf("://");
  if (separator < 0 || !["https", "http"].includes(identifier.slice(0, separator).toLowerCase())) return identifier;
  const [, host, path] = /^([^/]*)\/?([^]*)$/.exec(identifier.slice(separator + 3).split("#")[0].split("?")[0]);
  const ours = host.toLowerCase() === CANONICAL_HOST;
  try {
    const name = fromPath(path);
    if (name === null && ours) throw new InvalidKey(`'${identifier.slice(0, 80)}' names no GS1 key`);
    return name ?? identifier;
  } catch (error) {
    if (error instanceof NotInFormat && !ours && !isMistypedNumber(path)) return identifier;
    throw error;
  }
}

/** The last key in a path that may have any beginning; null for none. @throws NotInFormat when all are ill-formed. */
function fromPath(path) {
  const segments = path.replace(/\/$/, "").split("/");
  let failure = null;
  for (let start = segments.length - 2; start >= 0; start -= 2) {
    if (!(aiOf(segments[start]) in KEYS)) continue;
    try {
      const name = fromSegments(segments.slice(start));
      if (name !== null) return name;
    } catch (error) {
      if (!(error instanceof NotInFormat)) throw error;
      failure ??= error;
    }
  }
  if (failure !== null) throw failure;
  return null;
}

function fromSegments(segments) {
  const ai = aiOf(segments[0]);
  const value = check(ai, decode(segments[1]));
  const names = segments.filter((_, i) => i > 1 && i % 2 === 0).map(aiOf);
  const values = segments.filter((_, i) => i > 1 && i % 2 === 1);
  const allowed = KEYS[ai].qualifiers;
  if (names.some((name) => !(name in QUALIFIERS))) return null;
  const places = names.map((name) => allowed.indexOf(name));
  if (places.some((place, i) => place < 0 || (i > 0 && place <= places[i - 1]))) throw new InvalidKey("qualifiers out of order");
  if (names.includes("235") && names.length > 1) throw new InvalidKey("AI 235 stands alone after a GTIN");
  try {
    return nameOf(ai, value, names.map((name, i) => [name, decode(values[i])]));
  } catch (error) {
    throw error instanceof NotInFormat ? new InvalidKey(error.message) : error;
  }
}

function nameOf(ai, value, qualifiers) {
  const checked = new Map(qualifiers.map(([name, text]) => [name, check(name, text)]));
  if (checked.get("254") === "0") checked.delete("254"); // TDS 7.4: the extension 0 stands for no extension
  const base = `https://${CANONICAL_HOST}/${ai}/${encode(value)}`;
  const finest = KEYS[ai].finer.find((name) => checked.has(name));
  return finest === undefined ? base : `${base}/${finest}/${encode(checked.get(finest))}`;
}

const aiOf = (name) => ALIASES[name] ?? name;

/** Percent-encode every byte outside A–Z a–z 0–9 - . _ ~ in upper case. */
function encode(value) {
  return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(segment) {
  const text = unescapePercent(segment);
  if (text === null) throw new NotInFormat(`'${segment.slice(0, 60)}': after % come two hexadecimal digits`);
  return text;
}

/** Whether a key of digits only is given as digits, too few or too many: a mistyped GTIN rather than /2024/01/15. */
function isMistypedNumber(path) {
  const segments = path.split("/");
  return segments.slice(0, -1).some((name, i) =>
    ONLY_DIGITS.has(aiOf(name)) && segments[i + 1].length >= SHORTEST_GTIN && /^\d+$/.test(segments[i + 1]));
}
