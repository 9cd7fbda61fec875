// Events as their reporter states them, out of an EPCIS document or alone (DESIGN section 4, 'Event as stated').

import { canonical } from "./canonical.js";
import { sha256, toHex, utf8 } from "./digests.js";

export const MOST_EVENTS = 1000; // as many as one request of /v1/statements takes

/** A JSON value that holds no event to state. `code`: no-event, no-context, too-many; `number` of the event, from 1. */
export class NotStated extends Error {
  constructor(code, number = 1) {
    super(code);
    Object.assign(this, { code, number });
  }
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const asList = (value) => (Array.isArray(value) ? value : [value]);

/** The events of a parsed EPCISDocument, or the one event that a parsed value is, as stated, in their order.
 *  @throws NotStated */
export function statedEvents(value) {
  if (!isObject(value)) throw new NotStated("no-event");
  const inDocument = value.type === "EPCISDocument" || value.epcisBody !== undefined;
  const events = inDocument ? value.epcisBody?.eventList : [value];
  if (!Array.isArray(events) || events.length === 0) throw new NotStated("no-event");
  if (events.length > MOST_EVENTS) throw new NotStated("too-many");
  return events.map((event, i) => {
    if (!isObject(event) || event.type === undefined) throw new NotStated("no-event", i + 1);
    return asStated(event, inDocument ? value["@context"] : undefined, i + 1);
  });
}

/** The event with its document's `@context` before its own, with an eventID, and without recordTime. An eventID that is
 *  absent is made from the content, so that the same event stated twice stays one event. */
function asStated(event, context, number) {
  const { recordTime, ...stated } = event;
  if (context !== undefined) {
    stated["@context"] = stated["@context"] === undefined ? context : [...asList(context), ...asList(stated["@context"])];
  }
  if (stated["@context"] === undefined) throw new NotStated("no-context", number);
  if (stated.eventID === undefined) {
    const { errorDeclaration, ...content } = stated;
    stated.eventID = uuid(sha256(utf8(canonical(content))));
  }
  return stated;
}

/** A version 8 UUID (RFC 9562 section 5.8) from the first bytes of a digest. */
function uuid(digest) {
  const bytes = digest.slice(0, 16);
  bytes[6] = 0x80 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return `urn:uuid:${toHex(bytes).slice(2).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`;
}
