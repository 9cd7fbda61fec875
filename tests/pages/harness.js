// Runs the pages' library on vectors, inside a page. Each function takes vectors and returns what does not hold.

import { canonical, parse, parseBytes } from "/static/lib/canonical.js";
import { fromHex, keccak256, sha256, toHex, utf8, eventDigest, concat } from "/static/lib/digests.js";
import { canonicalName } from "/static/lib/digital_link.js";
import { recover, statementDigest } from "/static/lib/eip712.js";
import { leafHash, root, rootFromPath } from "/static/lib/merkle.js";
import { maySay } from "/static/lib/roles.js";
import { typedData, prepare, signWithKey } from "/static/lib/signing.js";
import { statedEvents } from "/static/lib/stated.js";
import { derive, identifiers, parseTime, subjects } from "/static/lib/statement.js";
import { checked } from "/static/lib/chain.js";
import { partnerId, verify } from "/static/lib/verdict.js";

const differs = (what, found, due) => (JSON.stringify(found) === JSON.stringify(due) ? [] : [{ what, found, due }]);

function outcome(action) {
  try {
    return action();
  } catch (error) {
    return `refused: ${error.constructor.name}`;
  }
}

const refused = (what, action) => {
  const found = outcome(action);
  return typeof found === "string" && found.startsWith("refused: Invalid") ? [] : [{ what, found }];
};

export function statements(list) {
  return list.flatMap((each) => {
    const { eventDigest: digest, ...fields } = each.statement;
    const signed = statementDigest(each.statement, each.network);
    return [
      ...differs(`${each.name} canonical`, canonical(each.event), each.canonical ?? each.jcs),
      ...differs(`${each.name} digest`, toHex(eventDigest(fromHex(each.salt), each.event)), digest),
      ...differs(`${each.name} identifiers`, [...new Set(identifiers(each.event).map(([, name]) => name))].sort(), [...new Set(each.identifiers)].sort()),
      ...differs(`${each.name} statement`, outcome(() => derive(each.event)), fields),
      ...differs(`${each.name} signed`, toHex(signed), each.digest),
      ...differs(`${each.name} signer`, recover(signed, fromHex(each.signature)), each.address.toLowerCase()),
      ...differs(`${each.name} leaf`, toHex(leafHash(concat(signed, fromHex(each.signature)))), each.leafHash),
    ];
  });
}

/** Statements of vectors made and signed again; `keys`: private keys by address, for vectors that hold none. */
export function signatures(list, keys) {
  return list.flatMap((each) => {
    const prepared = prepare(parse(JSON.stringify(each.event)), each.network, each.salt);
    const made = signWithKey(prepared, fromHex(each.privateKey ?? keys[each.address]));
    return [
      ...differs(`${each.name} statement`, canonical(prepared.statement), canonical(each.statement)),
      ...differs(`${each.name} signature`, made.signature, each.signature),
      ...differs(`${each.name} members`, Object.keys(made), ["event", "salt", "statement", "signature"]),
    ];
  });
}

/** Events out of a text as stated, and the typed data of each for a wallet. */
export function stated(text, network, salt) {
  return statedEvents(parse(text)).map((event) => ({ event, typed: typedData(prepare(event, network, salt)) }));
}

/** What signing says about a statement that was changed after it was prepared: the codes of its refusals. */
export function forged(event, network, changes) {
  return changes.map((change) => {
    const prepared = prepare(event, network);
    try {
      signWithKey({ ...prepared, statement: { ...prepared.statement, ...change } }, fromHex(`0x${"11".repeat(32)}`));
      return "signed";
    } catch (error) {
      return `${error.code} ${error.values?.fields}`;
    }
  });
}

/** The lengths of salts that are made when none is given, and whether all differ. */
export function salts(event, network, count) {
  const made = Array.from({ length: count }, () => prepare(event, network).salt);
  return { lengths: [...new Set(made.map((salt) => fromHex(salt).length))], different: new Set(made).size };
}

export function json({ accepted, refused: bad, refusedBytes }) {
  return [
    ...accepted.flatMap(({ text, canonical: due }) => differs(text.slice(0, 60), outcome(() => canonical(parse(text))), due)),
    ...bad.flatMap(({ text, why }) => refused(why, () => parse(text))),
    ...refusedBytes.flatMap(({ hex, why }) => refused(why, () => parseBytes(fromHex(`0x${hex.replace(/^0x/, "")}`)))),
  ];
}

export function published({ rfc6962, rfc8785, eip712 }) {
  const leaves = rfc6962.leafData.map((data) => leafHash(fromHex(data)));
  const double = (hex) => new DataView(fromHex(hex.startsWith("0x") ? hex : `0x${hex}`).buffer).getFloat64(0);
  const numbers = rfc8785.numbers.filter(({ text }) => text !== null && text !== undefined);
  return [
    ...differs("leaves", leaves.map(toHex), rfc6962.leafHashes),
    ...rfc6962.roots.flatMap((due, size) => differs(`root ${size}`, toHex(root(leaves.slice(0, size))), due)),
    ...rfc6962.paths.flatMap(({ size, index, path }) =>
      differs(`path ${size}/${index}`, toHex(rootFromPath(leaves[index], index, size, path.map(fromHex)) ?? []), rfc6962.roots[size])),
    ...numbers.flatMap(({ ieee, text }) => differs(ieee, canonical(double(ieee)), text)),
    ...differs("sorting", Object.keys(parse(rfc8785.sorting.text)).sort().map((name) => parse(rfc8785.sorting.text)[name]), rfc8785.sorting.values),
    ...differs("mail", recover(fromHex(eip712.digest), fromHex(eip712.signature)), eip712.address.toLowerCase()),
    ...differs("keccak", toHex(keccak256(utf8(""))), "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
    ...differs("sha", toHex(sha256(utf8("abc"))), "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ];
}

export function trees(list) {
  return list.flatMap(({ leafHashes, leafData, n, root: due, paths }) => {
    const data = (rule) => (Array.isArray(rule) ? rule.map(fromHex) : Array.from({ length: n }, (_, i) => {
      const digest = sha256(utf8(String(i)));
      return concat(digest, digest, digest, digest.subarray(0, 1));
    }));
    const leaves = leafHashes ? leafHashes.map(fromHex) : data(leafData).map(leafHash);
    return [
      ...differs(`root of ${leaves.length}`, toHex(root(leaves)), due),
      ...Object.entries(paths).flatMap(([i, path]) =>
        differs(`path ${i} of ${leaves.length}`, toHex(rootFromPath(leaves[i], Number(i), leaves.length, path.map(fromHex)) ?? []), due)),
    ];
  });
}

export function refusedPaths(list) {
  return list.flatMap(({ leafHash: leaf, index, count, path, root: due, why }) => {
    const reached = rootFromPath(fromHex(leaf), index, count, path.map(fromHex));
    return reached !== null && toHex(reached) === due ? [{ why }] : [];
  });
}

export const subjectRoots = (list) => list.flatMap(({ identifiers: names, root: due }) => differs("subjects", toHex(subjects(names)), due));

export function times({ accepted, refused: bad }) {
  return [
    ...accepted.flatMap(({ text, milliseconds }) => differs(text, outcome(() => parseTime(text)), milliseconds)),
    ...bad.filter((text) => typeof outcome(() => parseTime(text)) === "number"),
  ];
}

/** `[[identifier, canonical name or null where it is malformed], …]`. */
export function names(pairs) {
  return pairs.flatMap(([identifier, due]) => {
    const found = outcome(() => canonicalName(identifier));
    return (due === null ? found.startsWith("refused: ") : found === due) ? [] : [{ identifier, found, due }];
  });
}

/** `[[event, statement without digest or null where none follows], …]`. */
export function derivations(pairs) {
  return pairs.flatMap(([event, due]) => {
    const found = outcome(() => derive(event));
    if (due === null) return typeof found === "string" ? [] : [{ event, found }];
    return Object.keys(due).every((name) => found[name] === due[name]) ? [] : [{ event, found, due }];
  });
}

/** `[[roles, step, may], …]`. */
export const roles = (list) => list.filter(([bits, step, may]) => maySay(bits, step) !== may);

/** The verdicts of cases against what they expect. */
export async function cases({ cases: list, receipts, chains, trust }) {
  const wrong = [];
  for (const each of list) {
    const found = await verdictOf(each, { receipts, chains, trust });
    const due = { expect: each.expect, notes: each.notes };
    if (JSON.stringify(found) !== JSON.stringify(due)) wrong.push({ name: each.name, found, due });
  }
  return wrong;
}

async function verdictOf(each, { receipts, chains, trust }) {
  let receipt;
  try {
    receipt = parse(each.text ?? JSON.stringify(changed(structuredClone(receipts[each.receipt]), each.change)));
  } catch {
    receipt = null; // what is no JSON is no receipt
  }
  const network = each.trust === null ? null : checked(typeof each.trust === "string" ? trust[each.trust] : each.trust);
  const chain = each.chain === null || network === null ? null : simulated(each.chain === "unreachable" ? null : chains[each.chain], network);
  const declarations = each.declarations === null ? null : { asked: ["operator"], receipts: each.declarations.map((name) => receipts[name]) };
  const verdict = await verify(receipt, { network, chain, declarations });
  const word = { passed: "passed", failed: "failed", impossible: "not possible" };
  return { expect: Object.fromEntries(verdict.checks.map(({ number, state }) => [number, word[state]])), notes: verdict.notes };
}

function changed(receipt, change) {
  if (change === null) return receipt;
  const parts = change.pointer.split("/").slice(1);
  if (parts.length === 0) return change.value;
  const last = parts.pop();
  const holder = parts.reduce((held, part) => held[part], receipt);
  if (change.op === "set") holder[last] = change.value;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else delete holder[last];
  return receipt;
}

/** A reader (lib/chain.js) of a simulated chain; null stands for a node that does not answer. */
function simulated(chain, network) {
  const wrong = chain !== null && chain.chainId !== network.chainId;
  const answer = (value) => Promise.resolve(chain === null || wrong ? null : value());
  const within = (intervals, address, at) => intervals.find((each) => (each.address ?? each.key) === address && each.from <= at && (each.until === null || at < each.until));
  return {
    node: null,
    trouble: chain === null ? "unreachable" : wrong ? "wrong-chain" : null,
    network: () => answer(() => chain.network),
    sealOf: (operator, number) => answer(() => chain.seals.find((seal) => seal.operator === operator && seal.number === number) ?? { root: null, first: 0, count: 0, sealedAt: 0 }),
    isOperator: (address, at) => answer(() => within(chain.operators, address, at) !== undefined),
    statusAt: (address, at) => answer(() => {
      const key = within(chain.keys, address, at);
      if (key === undefined) return { partner: `0x${"00".repeat(32)}`, roles: 0, custody: 0, status: 0 };
      return { ...key, partner: key.partner.startsWith("0x") ? key.partner : partnerId(key.partner) };
    }),
  };
}

/** Milliseconds that the verdict on a receipt takes, the node's answers apart: the median of `rounds`. */
export async function duration(receipt, rounds) {
  const network = { network: receipt.network, chainId: 31337, contracts: { AnchorLog: receipt.anchor.contract, PartnerRegistry: receipt.anchor.contract }, rpc: [] };
  const chain = simulated({ network: receipt.network, chainId: 31337, seals: [{ ...receipt.batch, sealedAt: 1 }], operators: [], keys: [] }, network);
  const taken = [];
  for (let i = 0; i < rounds; i += 1) {
    const begun = performance.now();
    await verify(receipt, { network, chain, declarations: { asked: ["operator"], receipts: [] } });
    taken.push(performance.now() - begun);
  }
  return { first: taken[0], median: taken.sort((a, b) => a - b)[Math.floor(rounds / 2)] };
}
