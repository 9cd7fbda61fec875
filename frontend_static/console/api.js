// Requests of a person who is signed in: by cookie, with the token that proves the request comes from this page.

import { asList, asObject } from "../lib/terms.js";

const TIMEOUT_MS = 120_000; // the operator's key may wait for a block

/** Who is signed in: `person` null where nobody is. `oidc`: `{name}` of another way to sign in, or null. */
export const session = { person: null, partner: null, csrfToken: "", expiresAt: null, oidc: null };

/** `renew()`: ask the person to sign in again; whether they did. */
export const asking = { renew: async () => false };

/** An answer that is a refusal: `status`, `kind` (last part of the problem's type), `detail`, `errors`, `wait` in seconds. */
export class Refused extends Error {
  constructor(status, problem, wait) {
    const { type, title, detail, errors } = asObject(problem);
    super(`${status} ${title ?? ""}`);
    const kind = String(type ?? "").split("/").pop();
    Object.assign(this, { status, kind, detail: String(detail ?? title ?? ""), errors: asList(errors).map(asObject), wait });
  }
}

/** No answer: whether the request arrived is not known. */
export class Unreachable extends Error {}

/** Whether the person holds a right. */
export const has = (right) => asList(session.person?.rights).includes(right);

/** The answer's JSON, null where it has none. `body`: what goes as JSON, or a Blob as it is. A session that ended is renewed by its person, and the request goes again.
 *  @throws Refused, Unreachable */
export async function call(method, path, body) {
  let response = await send(method, path, body);
  const kind = response.ok ? "" : await kindOf(response);
  const isEnded = kind === "unauthorized" && session.person !== null;
  if (isEnded ? await renewed() : kind === "csrf" && (await isStillHere())) response = await send(method, path, body);
  return read(response);
}

/** As call, without asking anybody to sign in: for the requests that sign in. */
export const callOnce = async (method, path, body) => read(await send(method, path, body));

/** Learn who is signed in. @throws Refused, Unreachable */
export async function loadSession() {
  keep(await callOnce("GET", "/v1/session"));
}

/** Take over what an answer says of the session. */
export function keep(answer) {
  const { person = null, partner = null, csrfToken = "", expiresAt = null, oidc = session.oidc } = asObject(answer);
  Object.assign(session, { person, partner, csrfToken, expiresAt, oidc });
}

const renewed = async () => (await isStillHere()) || asking.renew();

// Signed in anew in another tab, or by a request that failed with this one: then only the proof is another.
async function isStillHere() {
  const answer = await callOnce("GET", "/v1/session").catch(() => null);
  const isSame = answer?.person != null && answer.person.id === session.person?.id;
  if (isSame) keep(answer);
  return isSame;
}

async function send(method, path, body) {
  const headers = {};
  if (method !== "GET" && session.csrfToken) headers["X-CSRF-Token"] = session.csrfToken;
  if (body !== undefined) headers["Content-Type"] = body instanceof Blob ? body.type : "application/json";
  try {
    return await fetch(path, {
      method,
      headers,
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new Unreachable();
  }
}

async function kindOf(response) {
  const problem = asObject(await response.clone().json().catch(() => null));
  return String(problem.type ?? "").split("/").pop();
}

async function read(response) {
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Refused(response.status, answer, Number(response.headers.get("Retry-After")) || 0);
  return answer;
}
