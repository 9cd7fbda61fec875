// What a person put in, as entries to sign: `{event, prepared, trouble, signed, account, verdict, before}` each.
// `trouble`: why no statement follows, or ''; `before`: the record held a statement about this event already.

import { InvalidJson, parse, parseBytes } from "../../lib/canonical.js";
import { prepare } from "../../lib/signing.js";
import { NotStated, statedEvents } from "../../lib/stated.js";

/** `{entries, trouble}` of a text, or of a file's bytes: trouble null, or `{id, values}` of a message. Never throws for what is put in. */
export function readEntries(input, network) {
  try {
    const value = typeof input === "string" ? parse(input) : parseBytes(input);
    return { entries: statedEvents(value).map((event) => newEntry(event, network)), trouble: null };
  } catch (error) {
    if (error instanceof InvalidJson) return { entries: [], trouble: { id: "console.notJson", values: { reason: error.message } } };
    if (error instanceof NotStated) return { entries: [], trouble: { id: `console.${error.code}`, values: { number: error.number } } };
    throw error;
  }
}

/** An entry of an event as stated, with a salt of its own. */
export function newEntry(event, network) {
  const empty = { event, prepared: null, trouble: "", signed: null, account: null, verdict: undefined, before: false };
  try {
    return { ...empty, prepared: prepare(event, network) };
  } catch (error) {
    return { ...empty, trouble: error.message }; // no statement follows: NotDerivable, InvalidKey or InvalidWord
  }
}
