// The statement that follows from an event, field by field (DESIGN section 4, 'Statement').

import { canonicalName } from "./digital_link.js";
import { itemDigest, toHex } from "./digests.js";
import { leafHash, root } from "./merkle.js";
import { alertUri, dispositionUri, expand, prefixes, stepUri } from "./vocabulary.js";

const ALARM = 1;
export const ERROR_DECLARATION = 2;
const DELETION = 4;

// The 'what' dimension (EPCIS 2.0 section 7.3.1.4): field, role, whether its entries are quantity elements.
const LISTS = [
  ["epcList", "epc", false],
  ["quantityList", "class", true],
  ["childEPCs", "child", false],
  ["childQuantityList", "child", true],
  ["inputEPCList", "input", false],
  ["inputQuantityList", "input", true],
  ["outputEPCList", "output", false],
  ["outputQuantityList", "output", true],
];
const TIME = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?(?:Z|([+-])(0\d|1[0-4]):([0-5]\d))$/;

/** An event from which no statement follows. */
export class NotDerivable extends Error {}

/** The fields of a statement but eventDigest, as a receipt spells them. `event` as stated, with its `@context`.
 *  @throws NotDerivable, InvalidKey, InvalidWord */
export function derive(event) {
  const declared = prefixes(event["@context"]);
  return {
    subjects: toHex(subjects(identifiers(event).map(([, name]) => name))),
    step: event.bizStep === undefined ? "" : stepUri(text(event.bizStep, "bizStep"), declared),
    disposition: event.disposition === undefined ? "" : dispositionUri(text(event.disposition, "disposition"), declared),
    place: place(event, declared),
    eventTime: parseTime(text(event.eventTime, "eventTime")),
    flags: flags(event, declared),
  };
}

/** `[[role, canonical name], …]` of the what dimension; roles: epc, class, parent, child, input, output. */
export function identifiers(event) {
  const declared = prefixes(event["@context"]);
  const found = [];
  if (event.parentID !== undefined) found.push(["parent", name(event.parentID, "parentID", declared)]);
  for (const [field, role, quantities] of LISTS) {
    if (event[field] === undefined || event[field] === null) continue;
    for (const entry of list(event[field], field)) {
      found.push([role, name(quantities ? object(entry, field).epcClass : entry, field, declared)]);
    }
  }
  return found;
}

/** RFC 6962 root over the item digests of names as leaf data, unique and sorted bytewise. */
export function subjects(names) {
  const digests = new Map(names.map((each) => itemDigest(each)).map((digest) => [toHex(digest), digest]));
  return root([...digests.keys()].sort().map((hex) => leafHash(digests.get(hex))));
}

/** Unix milliseconds, truncated, of an xsd:dateTimeStamp from 1970 on. @throws NotDerivable */
export function parseTime(written) {
  const match = TIME.exec(written);
  if (match === null) throw new NotDerivable("not a date and time with a zone");
  const [, year, month, date, hour, minute, second, fraction = "", sign, zoneHours, zoneMinutes] = match;
  const midnight = new Date(Date.UTC(Number(year), Number(month) - 1, Number(date)));
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(date)) throw new NotDerivable("no such day");
  const offset = sign ? Number(zoneHours) * 60 + Number(zoneMinutes) : 0;
  if (offset > 14 * 60) throw new NotDerivable("a zone is at most 14 hours from UTC");
  const minutes = Number(hour) * 60 + Number(minute) - (sign === "-" ? -offset : offset);
  const milliseconds = midnight.getTime() + (minutes * 60 + Number(second)) * 1000 + Number(`${fraction}000`.slice(0, 3));
  if (milliseconds < 0 || Number(year) < 100) throw new NotDerivable("before 1970");
  return milliseconds;
}

/** The business location, else the read point; either must be well-formed where it is given. */
function place(event, declared) {
  const [location, readPoint] = ["bizLocation", "readPoint"].map((field) =>
    (event[field] === undefined ? "" : name(object(event[field], field).id, field, declared)));
  return location || readPoint;
}

function flags(event, declared) {
  let bits = event.errorDeclaration === undefined ? 0 : ERROR_DECLARATION;
  if (event.action === "DELETE") bits |= DELETION;
  for (const report of reports(event)) {
    if (isAlarm(report.exception, declared)) {
      bits |= ALARM;
      break;
    }
  }
  return bits;
}

function* reports(event) {
  for (const element of list(event.sensorElementList ?? missing(event, "sensorElementList"), "sensorElementList")) {
    const held = object(element, "sensorElementList");
    for (const report of list(held.sensorReport ?? missing(held, "sensorReport"), "sensorReport")) yield object(report, "sensorReport");
  }
}

/** Nothing where a member is absent; null, which is no list, where it is null. */
const missing = (holder, field) => (holder[field] === undefined ? [] : null);

function isAlarm(exception, declared) {
  return exception !== undefined && exception !== null && alertUri(text(exception, "exception"), declared) === alertUri("ALARM_CONDITION");
}

function name(identifier, field, declared) {
  return canonicalName(expand(text(identifier, field), declared));
}

function text(value, field) {
  if (typeof value !== "string") throw new NotDerivable(`${field} holds no text`);
  return value;
}

function list(value, field) {
  if (!Array.isArray(value)) throw new NotDerivable(`${field} is not a list`);
  return value;
}

function object(value, field) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new NotDerivable(`${field} is not an object`);
  return value;
}
