// Steps whose content is not here: undisclosed to this reader, or erased by their reporter. Of such a closed step checks 5
// and 6 remain: its leaf has its place under a root, and AnchorLog holds that root.

import { fromHex } from "./digests.js";
import { placeProblems } from "./receipt.js";
import { parseTime } from "./statement.js";
import { checkPath, conclude, failed, impossible, readSeal } from "./verdict.js";

const BESIDE = { undisclosed: {}, erased: { by: isDid, at: isTime } };

/** The verdict on a closed step as a passport holds it: `{undisclosed: place}` or `{erased: {by, at, …place}}`, place
 *  `{leafHash, batch, index, path, anchor}` as in receipts. Never throws. `network` and `chain` as for verify(). */
export async function verifyClosed(entry, { network = null, chain = null } = {}) {
  const [kind, ...others] = Object.keys(entry);
  const problems = others.length ? others.map((member) => ({ member, check: 5 })) : placeProblems(entry[kind], BESIDE[kind]);
  if (problems.length) return conclude(illFormed(problems), {});
  const place = entry[kind];
  const checks = { 5: checkPath(fromHex(place.leafHash), place), 6: await readSeal({ ...place, network: network?.network }, network, chain) };
  return conclude(checks, { waiting: place.batch === null, facts: { sealedAt: checks[6].seal?.sealedAt ?? null } });
}

/** Check 5 of a step whose place another step of the passport already has. */
export const repeated = () => conclude({ 5: failed("repeated"), 6: impossible("needs_others") }, {});

function illFormed(problems) {
  return Object.fromEntries([5, 6].map((number) => {
    const members = problems.filter((problem) => problem.check === number).map((problem) => problem.member);
    return [number, members.length ? failed("no_place", { members: members.join(", ") }) : impossible("needs_others")];
  }));
}

/** What a partner may be called by: text of a DID's form, so that nothing else can pose as a name. */
export function isDid(value) {
  return typeof value === "string" && value.length <= 300 && /^did:[a-z0-9]+:[\w.:%-]+$/.test(value);
}

export function isTime(value) {
  try {
    return typeof value === "string" && Number.isSafeInteger(parseTime(value));
  } catch {
    return false;
  }
}
