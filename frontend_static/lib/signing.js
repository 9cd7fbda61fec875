// A partner's own signature: the statement is derived here from the event itself, signed with a key or in a wallet, and
// sent. The key never leaves its holder, and no statement that somebody else made is ever signed.

import { hmac } from "../vendor/hmac.js";
import { sha256 as nobleSha256 } from "../vendor/sha2.js";
import { hashes, sign } from "../vendor/secp256k1.js";
import { concat, eventDigest, fromHex, isHex, sha256, toHex, utf8 } from "./digests.js";
import { recover, statementDigest } from "./eip712.js";
import { derive } from "./statement.js";
import { MOST_EVENTS } from "./stated.js";

const SALT_BYTES = 32;
const TIMEOUT_MS = 60_000;
hashes.hmacSha256 = (key, message) => hmac(nobleSha256, key, message); // for the nonces of RFC 6979

/** Why nothing was signed or sent. `code` names a message: refused, no-account, busy, unsupported, wallet-failed,
 *  bad-signature, other-account, other-statement, unreachable, unexpected; `values` go into it. */
export class SigningError extends Error {
  constructor(code, values = {}) {
    super(code);
    Object.assign(this, { code, values });
  }
}

/** An answer that is no acceptance: `status`, and `problem`, an RFC 9457 document ({} where the answer is none). */
export class NotAccepted extends Error {
  constructor(status, problem) {
    super(`${status} ${problem.title ?? ""}`);
    Object.assign(this, { status, problem });
  }
}

/** `{network, event, salt, statement}`, ready to be signed. `event` as stated (lib/stated.js); `network`: its name;
 *  `salt`: 0x and 64 lower-case digits, random when not given.
 *  @throws NotDerivable, InvalidKey, InvalidWord; RangeError for another salt */
export function prepare(event, network, salt = toHex(crypto.getRandomValues(new Uint8Array(SALT_BYTES)))) {
  if (!isHex(salt, SALT_BYTES)) throw new RangeError("a salt has exactly 32 bytes");
  return { network, event, salt, statement: { eventDigest: toHex(eventDigest(fromHex(salt), event)), ...derive(event) } };
}

const MEMBERS = {
  EIP712Domain: { name: "string", version: "string", salt: "bytes32" },
  Statement: {
    eventDigest: "bytes32", subjects: "bytes32", step: "string", disposition: "string", place: "string",
    eventTime: "uint64", flags: "uint32",
  },
};
const types = Object.fromEntries(
  Object.entries(MEMBERS).map(([name, members]) => [name, Object.entries(members).map(([member, type]) => ({ name: member, type }))]),
);

/** The statement as `eth_signTypedData_v4` takes it (EIP-712). */
export function typedData({ statement, network }) {
  const domain = { name: "chain-service", version: "1", salt: toHex(sha256(utf8(network))) };
  return { types, domain, primaryType: "Statement", message: statement };
}

/** `{event, salt, statement, signature}` of what was prepared, signed with a private key (32 bytes; RFC 6979, low s).
 *  @throws SigningError other-statement */
export function signWithKey(prepared, key) {
  const made = sign(digestOf(prepared), key, { prehash: false, format: "recovered" });
  return signed(prepared, concat(made.subarray(1), Uint8Array.of(27 + made[0])));
}

/** As signWithKey, in a wallet (an EIP-1193 provider). `account`: who is to sign; the wallet is asked when not given.
 *  @throws SigningError also when another key than the account's signed */
export async function signWithWallet(prepared, provider, account) {
  const digest = digestOf(prepared);
  const asked = (account ?? (await accountOf(provider))).toLowerCase();
  const answer = await request(provider, "eth_signTypedData_v4", [asked, JSON.stringify(typedData(prepared))]);
  const signature = signatureFrom(answer);
  const signer = signature && recover(digest, signature);
  if (!signer) throw new SigningError("bad-signature");
  if (signer !== asked) throw new SigningError("other-account", { account: asked, signer });
  return signed(prepared, signature);
}

/** The account that a wallet offers, in lower case; it may ask its holder first. @throws SigningError */
export async function accountOf(provider) {
  const [account] = (await request(provider, "eth_requestAccounts")) ?? [];
  if (typeof account !== "string" || !isHex(account.toLowerCase(), 20)) throw new SigningError("no-account");
  return account.toLowerCase();
}

/** Send signed statements, at most 1,000, all or nothing: `{eventIDs, promise}`. Sending the same again is harmless.
 *  `access`: an organisation's token, or `{csrfToken}` of the person who is signed in.
 *  @throws NotAccepted, SigningError unreachable or unexpected */
export async function post(url, access, statements, { timeout = TIMEOUT_MS, fetch = globalThis.fetch.bind(globalThis) } = {}) {
  if (statements.length === 0 || statements.length > MOST_EVENTS) throw new RangeError(`1 to ${MOST_EVENTS} statements`);
  const byToken = typeof access === "string";
  const proof = byToken ? { Authorization: `Bearer ${access}` } : { "X-CSRF-Token": access.csrfToken };
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { ...proof, "Content-Type": "application/json" },
      body: JSON.stringify(statements),
      cache: "no-store",
      credentials: byToken ? "omit" : "same-origin",
      redirect: "error", // a token follows nobody elsewhere
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(timeout),
    });
  } catch {
    throw new SigningError("unreachable");
  }
  const answer = await response.json().catch(() => null);
  if (response.status !== 202) throw new NotAccepted(response.status, answer ?? {});
  const sent = statements.map(({ event }) => event.eventID);
  const named = new Set(Array.isArray(answer?.eventIDs) ? answer.eventIDs : []);
  if (!sent.every((eventID) => named.has(eventID))) throw new SigningError("unexpected");
  return { eventIDs: sent, promise: answer.promise ?? null };
}

/** The digest to sign, once the statement is known to follow from event and salt. */
function digestOf({ network, event, salt, statement }) {
  const due = prepare(event, network, salt).statement;
  const names = new Set([...Object.keys(due), ...Object.keys(statement)]);
  const fields = [...names].filter((name) => due[name] !== statement[name]);
  if (fields.length) throw new SigningError("other-statement", { fields: fields.join(", ") });
  return statementDigest(statement, network);
}

const signed = ({ event, salt, statement }, signature) => ({ event, salt, statement, signature: toHex(signature) });

/** 65 bytes r‖s‖v out of a wallet's answer; some write v as 0 or 1. null for anything else. */
function signatureFrom(answer) {
  const hex = typeof answer === "string" ? answer.toLowerCase() : "";
  if (!isHex(hex, 65)) return null;
  const bytes = fromHex(hex);
  if (bytes[64] < 2) bytes[64] += 27;
  return bytes;
}

// EIP-1193 and EIP-1474; -32002 is what wallets answer while an earlier question is still open.
const TROUBLE = { 4001: "refused", 4100: "no-account", 4200: "unsupported", "-32601": "unsupported", "-32002": "busy" };

/** One question to a wallet. @throws SigningError */
export async function request(provider, method, params = []) {
  try {
    return await provider.request({ method, params });
  } catch (error) {
    throw new SigningError(TROUBLE[error?.code] ?? "wallet-failed", { detail: String(error?.message ?? error).slice(0, 200) });
  }
}
