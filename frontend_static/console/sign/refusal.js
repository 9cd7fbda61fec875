// Why signing or sending stopped, in words: `{message, more, token, places}`. `more`: details of the service or wallet;
// `token`: whether it is about the token; `asked`: whether the service answered;
// `places`: what is wrong with single events, by their index.

import { moment } from "../../lib/format.js";
import { session } from "../api.js";
import { NotAccepted, SigningError } from "../../lib/signing.js";
import { asList, asObject } from "../../lib/terms.js";

/** @throws error itself where it is none of signing's own */
export function refusal(t, error) {
  if (error instanceof SigningError) {
    const id = `console.stop.${error.code}`;
    return { message: t(id, error.values), more: error.code === "wallet-failed" ? [error.values.detail] : [], token: false, asked: false, places: new Map() };
  }
  if (error instanceof NotAccepted) return notAccepted(t, error);
  throw error;
}

function notAccepted(t, { status, problem }) {
  const { type, title, detail, errors } = asObject(problem);
  const kind = String(type ?? "").split("/").pop();
  const ended = status === 401 && session.person !== null;
  const id = [ended && "console.refused.ended", `console.refused.${kind}`, `console.refused.${status}`].find((each) => each && t.has(each)) ?? "console.refused";
  const places = new Map();
  const more = [];
  for (const { pointer, detail: reason } of asList(errors).map(asObject)) {
    const index = /^\/(\d+)(?:\/|$)/.exec(pointer ?? "")?.[1];
    const words = `${String(pointer ?? "").replace(/^\/\d+/, "")} ${reason ?? ""}`.trim();
    if (index === undefined) more.push(words);
    else places.set(Number(index), [...(places.get(Number(index)) ?? []), words]);
  }
  if (more.length === 0 && places.size === 0) more.push(detail || title || String(status));
  return { message: t(id, { status }), more, token: status === 401 && session.person === null, asked: true, places };
}

/** Whether sending the same signatures again cannot help: the service looked at them and refused. */
export const mustBeSignedAnew = (error) => error instanceof NotAccepted && [400, 403, 409, 422].includes(error.status);

/** The operator's promise as a sentence, or ''. */
export function promiseWords(t, promise) {
  const { sealBy } = asObject(promise);
  return Number.isSafeInteger(sealBy) ? t("console.promise", { moment: moment(sealBy * 1000, t.language) }) : "";
}
