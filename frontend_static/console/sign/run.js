// From prepared entries to signed and sent ones: the wallet is asked entry by entry, everything is sent at once, and the
// receipts are followed until they are sealed.

import { parse } from "../../lib/canonical.js";
import { trustIn } from "../../lib/chain.js";
import { maySay } from "../../lib/roles.js";
import { SigningError, accountOf, post, signWithWallet } from "../../lib/signing.js";
import { verify } from "../../lib/verdict.js";

const GOOD = 1;
const NOT_YET_VALID = 2;
const DEEPEST = 65; // an event may use 64 levels, the receipt stands around it
const FOLLOWED = 50; // entries; the others have their links
const FOLLOW_MS = 60_000;
const PAUSE_MS = 1000;

/** Sign every entry that this account has not signed yet. `progress({account, done})` before each question.
 *  @throws SigningError, also with the codes standing-<status>, no-role, other-network: nothing was asked then. */
export async function signAll(entries, provider, network, progress) {
  const account = await accountOf(provider);
  await checkStanding(account, entries, trustIn(network));
  for (const entry of entries) {
    if (entry.account === account) continue;
    progress({ account, done: entries.filter((each) => each.account === account).length });
    entry.signed = await signWithWallet(entry.prepared, provider, account);
    entry.account = account;
  }
  return account;
}

/** Ask the registry before the wallet: what the service would refuse need not be signed. Silence of the node stops
 *  nothing, since the service asks again. */
async function checkStanding(account, entries, { network, chain }) {
  const [name, key] = await Promise.all([chain.network(), chain.statusAt(account, Math.floor(Date.now() / 1000))]);
  if (name !== null && name !== network.network) throw new SigningError("other-network", { said: name, ours: network.network });
  if (key === null) return;
  if (key.status === NOT_YET_VALID) return; // the chain's clock may be ahead of this one; the service knows
  if (key.status !== GOOD) throw new SigningError(`standing-${key.status}`, { account });
  const barred = entries.findIndex(({ prepared }) => !maySay(key.roles, prepared.statement.step));
  if (barred >= 0) throw new SigningError("no-role", { number: barred + 1 });
}

/** `access`: a token, or `{csrfToken}` of who is signed in. @throws NotAccepted, SigningError */
export const sendAll = (entries, access, visibility) => post(`/v1/statements${visibility === "public" ? "" : `?visibility=${visibility}`}`, access, entries.map(({ signed }) => signed));

/** Where the receipt of an entry is. */
export function receiptAddress({ event }) {
  return `/v1/receipts/${encodeURIComponent(event.eventID)}${event.errorDeclaration === undefined ? "" : "?declaration=1"}`;
}

/** Check each entry's receipt again and again until it is sealed, for a minute at most; `looked()` tells whether to go on.
 *  `token`: with which to read what is not everybody's, '' where a session or nothing does. */
export async function follow(entries, network, token, looked) {
  const end = Date.now() + FOLLOW_MS;
  let open = entries.slice(0, FOLLOWED);
  while (open.length && Date.now() < end) {
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    const trust = trustIn(network); // a new reader each time: one remembers what a node failed to answer
    for (const entry of open) {
      await look(entry, trust, token);
      if (!looked()) return;
    }
    open = open.filter(({ verdict }) => verdict === undefined || verdict.waiting);
  }
}

async function look(entry, trust, token) {
  try {
    const headers = token ? { Authorization: `Bearer ${token}` } : {};
    const response = await fetch(receiptAddress(entry), { cache: "no-store", headers });
    if (!response.ok) return;
    const receipt = parse(await response.text(), DEEPEST);
    entry.verdict = await verify(receipt, trust);
    entry.before = receipt.statement?.eventDigest !== entry.prepared.statement.eventDigest;
  } catch {
    return; // it is asked again
  }
}
