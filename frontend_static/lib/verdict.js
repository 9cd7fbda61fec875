// The verdict on a receipt: seven checks, each passed, failed or impossible, with a code that a message explains.
// The rules are those of DESIGN section 4; what a receipt says of network, chain and contract is compared, never used.

import { eventDigest, fromHex, keccak256, concat, sameBytes, toHex, utf8 } from "./digests.js";
import { recover, statementDigest } from "./eip712.js";
import { leafHash, rootFromPath } from "./merkle.js";
import { shapeProblems } from "./receipt.js";
import { maySay } from "./roles.js";
import { ERROR_DECLARATION, derive } from "./statement.js";

export const PASSED = "passed";
export const FAILED = "failed";
export const IMPOSSIBLE = "impossible";
export const LATE_MS = 24 * 3600 * 1000;

const CUSTODY = { 1: "partner", 2: "operator" };
const BAD_KEY = { 2: "not_yet_valid", 3: "ended", 4: "suspended", 5: "compromised" };
const ENDED = 3;
const NUMBERS = [1, 2, 3, 4, 5, 6, 7];

/** The verdict on a receipt, given as a parsed JSON value. Never throws.
 *  `network`: the verifier's own `{network, chainId, contracts}`, or null; `chain`: its reader (lib/chain.js), or null;
 *  `declarations`: null when no operator was asked, else `{asked: [name], receipts: [declarations of errors]}`, or a
 *  function of the receipt that promises one of these; `turn`: awaited before the heavy part, to let the page breathe;
 *  `now` (Unix seconds): where the receipt waits for its seal, what the chain says of its key at this time already fails it.
 *  Result: `{checks: [{number, state, code, values}], state, waiting, notes, facts}`, state one of proven, failed,
 *  waiting, incomplete. */
export async function verify(receipt, { network = null, chain = null, declarations = null, turn = null, now = null } = {}) {
  const problems = shapeProblems(receipt);
  if (problems.length) return conclude(illFormed(problems), { problems });
  const reading = readSeal(receipt, network, chain); // begun first: the node answers while we compute
  await turn?.();
  const checks = { 1: checkDigest(receipt), 2: checkStatement(receipt), ...checkSignatureAndPath(receipt) };
  const facts = { reporter: null, sealedAt: null, node: null };
  checks[6] = await reading;
  facts.seal = checks[6].seal;
  if (facts.seal) facts.sealedAt = facts.seal.sealedAt;
  checks[4] = await checkEntitled(receipt, checks, facts, chain);
  if (receipt.batch === null && now !== null) await foresee(receipt, checks, facts, { network, chain, now });
  const known = typeof declarations === "function" ? await declarations(receipt) : declarations;
  checks[7] = await checkDeclared(receipt, checks, facts, known, { network, chain });
  return conclude(checks, { waiting: receipt.batch === null, notes: notesOf(receipt, facts, checks[4].state === PASSED), facts });
}

export const passed = (code, values) => ({ state: PASSED, code, values });
export const failed = (code, values) => ({ state: FAILED, code, values });
export const impossible = (code, values) => ({ state: IMPOSSIBLE, code, values });

function illFormed(problems) {
  const members = (number) => problems.filter((problem) => problem.check === number).map((problem) => problem.member || "receipt");
  return Object.fromEntries(NUMBERS.map((number) =>
    [number, members(number).length ? failed("ill_formed", { members: members(number).join(", ") }) : impossible("ill_formed_elsewhere")]));
}

/** A verdict out of checks by number. */
export function conclude(checks, { waiting = false, notes = [], facts = {}, problems = [] }) {
  const list = Object.entries(checks).map(([number, { state, code, values }]) => ({ number: Number(number), state, code, values: values ?? {} }));
  const failing = list.some((check) => check.state === FAILED);
  const open = list.some((check) => check.state === IMPOSSIBLE && check.number !== 7);
  const state = failing ? "failed" : waiting ? "waiting" : open ? "incomplete" : "proven";
  return { checks: list, state, waiting, notes, facts, problems };
}

function checkDigest(receipt) {
  try {
    const same = toHex(eventDigest(fromHex(receipt.salt), receipt.event)) === receipt.statement.eventDigest;
    return same ? passed("same") : failed("other_event");
  } catch {
    return failed("no_canonical_form");
  }
}

function checkStatement(receipt) {
  try {
    const derived = derive(receipt.event);
    const differing = Object.keys(derived).filter((name) => derived[name] !== receipt.statement[name]);
    return differing.length ? failed("other_statement", { fields: differing }) : passed("follows");
  } catch (error) {
    return failed("not_derivable", { detail: error.message });
  }
}

function checkSignatureAndPath(receipt) {
  const digest = statementDigest(receipt.statement, receipt.network);
  const signature = fromHex(receipt.reporter.signature);
  const signer = recover(digest, signature);
  const signed = signer === null ? failed("bad_signature") : signer === receipt.reporter.address ? passed("signed") : failed("other_signer");
  return { 3: signed, 5: checkPath(leafHash(concat(digest, signature)), receipt) };
}

/** Check 5: the path leads from a leaf to the root of its batch. */
export function checkPath(leaf, { batch, index, path }) {
  if (batch === null) return impossible("waiting");
  const reached = rootFromPath(leaf, index, batch.count, path.map(fromHex));
  const leads = reached !== null && sameBytes(reached, fromHex(batch.root));
  return leads ? passed("leads", { position: index + 1, count: batch.count }) : failed("other_root");
}

/** Check 6, with the seal where it passed. */
export async function readSeal({ network: named, batch, anchor, reporter }, network, chain) {
  if (batch === null) return impossible("waiting");
  if (network === null) return impossible("offline");
  if (named !== network.network) return failed("other_network", { said: named, ours: network.network });
  if (anchor.chainId !== network.chainId) return failed("other_chain", { said: anchor.chainId, ours: network.chainId });
  if (anchor.contract !== network.contracts.AnchorLog.toLowerCase()) return failed("other_contract", { said: anchor.contract, ours: network.contracts.AnchorLog });
  if (chain === null) return impossible("offline");
  const [name, seal] = await Promise.all([chain.network(), chain.sealOf(batch.operator, batch.number)]);
  if (name === null || seal === null) return impossible(chain.trouble === "wrong-chain" ? "other_node" : "unreachable");
  if (name !== network.network) return impossible("other_node");
  if (seal.sealedAt === 0) return failed("not_sealed");
  if (seal.root !== batch.root || seal.first !== batch.first || seal.count !== batch.count) return failed("other_seal");
  if (reporter) chain.statusAt(reporter.address, seal.sealedAt); // check 4 will ask; asked now, it travels along
  const operator = await chain.isOperator(batch.operator, seal.sealedAt);
  if (operator === null) return impossible("unreachable");
  return operator ? { ...passed("sealed", { sealedAt: seal.sealedAt }), seal } : failed("not_operator");
}

/** Check 4; it needs a signer, a path and the time of a seal. */
async function checkEntitled(receipt, checks, facts, chain) {
  if (checks[6].state === IMPOSSIBLE) return impossible(checks[6].code);
  if ([3, 5, 6].some((number) => checks[number].state !== PASSED)) return impossible("needs_others");
  const key = await chain.statusAt(receipt.reporter.address, facts.sealedAt);
  if (key === null) return impossible("unreachable");
  if (key.status === ENDED) {
    // A key that ended before this operator's log began may have been good when the batch was first sealed elsewhere.
    const start = await chain.sealOf(receipt.batch.operator, 0);
    if (start === null) return impossible("unreachable");
    if (receipt.statement.eventTime < start.sealedAt * 1000) return impossible("ended_before_this_log");
  }
  if (key.status !== 1) return failed(BAD_KEY[key.status] ?? "unknown_key");
  facts.reporter = { partner: key.partner, roles: key.roles, custody: CUSTODY[key.custody] ?? null };
  return maySay(key.roles, receipt.statement.step) ? passed("entitled") : failed("no_role");
}

/** What will fail checks 4 and 6 of a receipt that waits for its seal: its network, and its key as the registry holds it
 *  now. A key that is not yet valid by the reader's clock may be so by the chain's. */
async function foresee(receipt, checks, facts, { network, chain, now }) {
  if (network === null) return;
  if (receipt.network !== network.network) {
    checks[6] = failed("other_network", { said: receipt.network, ours: network.network });
    return;
  }
  if (chain === null || checks[3].state !== PASSED) return;
  const [name, key] = await Promise.all([chain.network(), chain.statusAt(receipt.reporter.address, now)]);
  if (name !== network.network || key === null || BAD_KEY[key.status] === "not_yet_valid") return;
  if (key.status !== 1) {
    checks[4] = failed(BAD_KEY[key.status] ?? "unknown_key");
    return;
  }
  facts.reporter = { partner: key.partner, roles: key.roles, custody: CUSTODY[key.custody] ?? null };
  if (key.partner !== partnerId(receipt.reporter.partner)) checks[4] = failed("other_partner");
  else if (!maySay(key.roles, receipt.statement.step)) checks[4] = failed("no_role");
}

/** Check 7: none of the declarations that operators know is one, itself proven, by the same partner about this event. */
async function checkDeclared(receipt, checks, facts, known, trust) {
  if (!known?.asked.length) return impossible("offline");
  if (checks[3].state !== PASSED) return impossible("needs_others");
  if (receipt.statement.flags & ERROR_DECLARATION) return passed("declaration");
  let unclear = false;
  for (const declaration of known.receipts) {
    const about = await isDeclaredBy(declaration, receipt, facts, trust);
    if (about === true) return failed("declared");
    if (about === null) unclear = true;
  }
  return unclear ? impossible("unclear") : passed("none_known", { asked: known.asked.join(", ") });
}

async function isDeclaredBy(declaration, receipt, facts, { network, chain }) {
  if (shapeProblems(declaration).length || !(declaration.statement.flags & ERROR_DECLARATION)) return false;
  if (declaration.network !== receipt.network || declaration.event.eventID !== receipt.event.eventID) return false;
  const verdict = await verify(declaration, { network, chain });
  if (verdict.state === "failed") return false;
  if (declaration.reporter.address === receipt.reporter.address) return true;
  if (chain === null || facts.sealedAt === null) return null;
  // An address belongs to one partner for ever, so the time of our seal serves for both.
  const [ours, theirs] = await Promise.all([receipt, declaration].map((each) => chain.statusAt(each.reporter.address, facts.sealedAt)));
  if (ours === null || theirs === null) return null;
  return ours.partner === theirs.partner && BigInt(ours.partner) !== 0n;
}

function notesOf(receipt, { reporter, sealedAt }, entitled) {
  const notes = [];
  if (sealedAt !== null && sealedAt !== receipt.anchor.sealedAt) notes.push("seal_moved");
  if (sealedAt !== null && sealedAt * 1000 - receipt.statement.eventTime > LATE_MS) notes.push("recorded_late");
  if (entitled && partnerId(receipt.reporter.partner) !== reporter.partner) notes.push("name_not_confirmed");
  if (entitled && reporter.custody !== receipt.reporter.custody) notes.push("custody_differs");
  return notes;
}

/** What PartnerRegistry calls a partner: keccak-256 of its DID. */
export const partnerId = (did) => toHex(keccak256(utf8(did)));
