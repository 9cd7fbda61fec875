// What went wrong with a request, in words, and beside which field each of them belongs.

import { SigningError } from "../lib/signing.js";
import { Refused, Unreachable } from "./api.js";

const MINUTE = 60;

/** `{message, fields}`: a sentence about the whole, '' where the fields say it all; `fields`: a Map of name to sentence.
 *  @throws error itself where it is none of a request's or a wallet's */
export function troubleWords(t, error) {
  if (error instanceof Unreachable) return { message: t("office.unreachable"), fields: new Map() };
  if (error instanceof SigningError) return { message: walletWords(t, error), fields: new Map() };
  if (!(error instanceof Refused)) throw error;
  const fields = new Map();
  for (const { pointer, detail } of error.errors) {
    const name = /^\/([^/]+)/.exec(pointer ?? "")?.[1];
    if (name && detail) fields.set(name, t.has(`office.field.${error.kind}`) ? t(`office.field.${error.kind}`) : detail);
  }
  return { message: fields.size ? "" : refusedWords(t, error), fields };
}

function refusedWords(t, { kind, status, detail, wait }) {
  const values = { status, detail, minutes: Math.max(1, Math.ceil(wait / MINUTE)) };
  const id = `office.refused.${kind}`;
  return t.has(id) ? t(id, values) : t("office.refused", values);
}

function walletWords(t, { code, values }) {
  const id = `plan.wallet.${code}`;
  return t.has(id) ? t(id, values) : t("plan.wallet.failed", { detail: values.detail ?? code });
}
