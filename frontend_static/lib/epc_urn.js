// EPC URNs taken apart into GS1 keys. Source: GS1 EPC Tag Data Standard 2.1 sections 6 to 8.

import { InvalidKey, checkDigit } from "./gs1.js";

// ai; digits of prefix and reference together (0: free text); turned: the reference's first digit goes in front;
// filler before all; middle: fields between reference and serial; serial: the last field's qualifier, "+": part of the key.
const scheme = (ai, digits, { turned = false, filler = "", middle = 0, serial = "" } = {}) => ({
  ai, digits, turned, filler, middle, serial, fields: 2 + middle + (serial ? 1 : 0),
});
const SCHEMES = {
  __proto__: null,
  sgtin: scheme("01", 13, { turned: true, serial: "21" }),
  sscc: scheme("00", 17, { turned: true }),
  sgln: scheme("414", 12, { serial: "254" }),
  grai: scheme("8003", 12, { filler: "0", serial: "+" }),
  giai: scheme("8004", 0),
  gsrn: scheme("8018", 17),
  gsrnp: scheme("8017", 17),
  gdti: scheme("253", 12, { serial: "+" }),
  cpi: scheme("8010", 0, { serial: "8011" }),
  sgcn: scheme("255", 12, { serial: "+" }),
  ginc: scheme("401", 0),
  gsin: scheme("402", 16),
  itip: scheme("8006", 13, { turned: true, middle: 2, serial: "21" }),
  upui: scheme("01", 13, { turned: true, serial: "235" }),
  pgln: scheme("417", 12),
};
const CLASSES = { __proto__: null, lgtin: scheme("01", 13, { turned: true, serial: "10" }) };
const PATTERNS = ["sgtin", "grai", "gdti", "cpi", "sgcn", "itip", "upui"];
const NO_KEY = ["gid", "usdod", "adi", "bic", "imovn"];

/** The keys that an EPC URN denotes, primary key first: `[[ai, value], …]`; null where its scheme has no GS1 key.
 *  @throws InvalidKey where the URN itself is malformed. */
export function keysOfUrn(urn) {
  const [, kind, name, body] = /^([^:]*):?([^:]*):?([^]*)$/.exec(urn.slice("urn:epc:".length));
  if (["tag", "pat", "raw"].includes(kind)) return null;
  if (!["id", "class", "idpat"].includes(kind)) throw new InvalidKey("no EPC URN");
  const rule = (kind === "class" ? CLASSES : SCHEMES)[name];
  if (rule === undefined) {
    if (NO_KEY.includes(name) && kind !== "class") return null;
    throw new InvalidKey(`'${name.slice(0, 30)}' is no scheme of urn:epc:${kind}`);
  }
  const fields = splitAtMost(body, rule.fields);
  if (kind === "idpat" && fields.includes("*")) {
    if (!PATTERNS.includes(name) || fields.indexOf("*") !== rule.fields - 1) return null;
    fields.pop();
  } else if (fields.length !== rule.fields || fields.slice(2).includes("")) {
    throw new InvalidKey(`${rule.fields} fields are due`);
  }
  if (/[^!'()*+,\-.0-9:;=A-Z_a-z%]/.test(body)) throw new InvalidKey("a character that an EPC URN percent-encodes");
  return assemble(rule, fields);
}

function assemble(rule, fields) {
  const [company, reference = ""] = fields;
  if (!/^\d{4,12}$/.test(company)) throw new InvalidKey("a GS1 Company Prefix has 4 to 12 digits");
  let value = rule.digits ? numbered(rule, company, reference) : company + plain(reference);
  value += fields.slice(2, 2 + rule.middle).join("");
  if (!rule.serial || fields.length < rule.fields) return [[rule.ai, value]];
  const serial = plain(fields[fields.length - 1]);
  return rule.serial === "+" ? [[rule.ai, value + serial]] : [[rule.ai, value], [rule.serial, serial]];
}

function numbered(rule, company, reference) {
  if (company.length + reference.length !== rule.digits || /\D/.test(reference)) {
    throw new InvalidKey(`company prefix and reference together have ${rule.digits} digits`);
  }
  const digits = rule.turned ? reference.slice(0, 1) + company + reference.slice(1) : company + reference;
  return rule.filler + digits + checkDigit(digits);
}

function splitAtMost(text, most) {
  const fields = text.split(".");
  return fields.length <= most ? fields : [...fields.slice(0, most - 1), fields.slice(most - 1).join(".")];
}

function plain(text) {
  const unescaped = unescapePercent(text);
  if (unescaped === null) throw new InvalidKey("after % come two hexadecimal digits");
  return unescaped;
}

/** Percent-decoded text; bytes that are not UTF-8 become U+FFFD. null where % is not followed by two hex digits. */
export function unescapePercent(text) {
  if (!text.includes("%")) return text;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return "\ufffd"; // no GS1 key holds it, so every format refuses the value
  }
}
