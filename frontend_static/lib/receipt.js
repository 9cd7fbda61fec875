// The shape of a receipt (DESIGN section 4): which members, of which form. Each problem names the check that fails by it.

import { isWrittenAsInteger } from "./canonical.js";
import { isHex } from "./digests.js";

export const RECEIPT_TYPE = "chain-service/receipt/1";
const UINT32 = 2 ** 32 - 1;
const MOST_PATH = 32; // as many levels as a 32-bit count can have
const PLACE = ["batch", "index", "path", "anchor"];

const text = (value) => typeof value === "string" && value.isWellFormed?.() !== false;
const object = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const hex = (length) => (value) => isHex(value, length);
const whole = (most) => (value, holder, name) => isWrittenAsInteger(holder, name) && value >= 0 && value <= most;
const oneOf = (...words) => (value) => words.includes(value);
const orNull = (rule) => (value, holder, name) => value === null || rule(value, holder, name);
const path = (value) => Array.isArray(value) && value.length <= MOST_PATH && value.every(hex(32));

const [uint32, uint64] = [whole(UINT32), whole(Number.MAX_SAFE_INTEGER)];
const MEMBERS = {
  type: [1, oneOf(RECEIPT_TYPE)],
  network: [3, text],
  event: [1, object],
  salt: [1, hex(32)],
  eventHash: [1, text],
  statement: [2, object],
  reporter: [3, object],
  batch: [5, orNull(object)],
  index: [5, orNull(uint32)],
  path: [5, orNull(path)],
  anchor: [6, orNull(object)],
};
const PARTS = {
  statement: [2, {
    eventDigest: [1, hex(32)], subjects: [2, hex(32)], step: [2, text], disposition: [2, text], place: [2, text],
    eventTime: [2, uint64], flags: [2, uint32],
  }],
  reporter: [3, { partner: [4, text], address: [3, hex(20)], signature: [3, hex(65)], custody: [4, oneOf("partner", "operator")] }],
  batch: [5, { operator: [6, hex(20)], number: [6, uint64], first: [6, uint64], count: [5, uint32], root: [5, hex(32)] }],
  anchor: [6, { chainId: [6, uint64], contract: [6, hex(20)], transaction: [6, hex(32)], block: [6, uint64], sealedAt: [6, uint64] }],
};

/** All that is wrong with a receipt's shape: `[{member, problem, check}]`, problem one of missing, unknown, ill-formed,
 *  half-placed. Empty when it is well-formed; never throws. */
export const shapeProblems = (receipt) => problemsOf(receipt, MEMBERS, 1);

/** The same of a leaf and its place alone, `{leafHash, batch, index, path, anchor}`, and what stands beside them: `beside`
 *  holds a rule by name, a function of the value. */
export function placeProblems(value, beside = {}) {
  const others = Object.entries({ leafHash: hex(32), ...beside }).map(([name, rule]) => [name, [5, rule]]);
  return problemsOf(value, Object.fromEntries([...others, ...PLACE.map((name) => [name, MEMBERS[name]])]), 5);
}

function problemsOf(value, known, own) {
  if (!object(value)) return [{ member: "", problem: "ill-formed", check: own }];
  const problems = membersOf(value, known, "", own);
  const absent = PLACE.filter((name) => value[name] === null);
  if (absent.length < PLACE.length) {
    for (const name of absent) problems.push({ member: name, problem: "half-placed", check: MEMBERS[name][0] });
  }
  for (const [name, [check, members]] of Object.entries(PARTS)) {
    if (Object.hasOwn(known, name) && object(value[name])) problems.push(...membersOf(value[name], members, `${name}.`, check));
  }
  return problems;
}

function membersOf(value, members, place, own) {
  const problems = [];
  for (const [name, [check]] of Object.entries(members)) {
    if (!Object.hasOwn(value, name)) problems.push({ member: place + name, problem: "missing", check });
  }
  for (const name of Object.keys(value)) {
    const [check, rule] = Object.hasOwn(members, name) ? members[name] : [own, null];
    if (rule === null) problems.push({ member: place + name, problem: "unknown", check });
    else if (!rule(value[name], value, name)) problems.push({ member: place + name, problem: "ill-formed", check });
  }
  return problems;
}
