// GS1 keys: their formats and check digits. Source: GS1 General Specifications 3, 7.9 and 7.11.

/** An identifier that has the form of a GS1 key but is malformed. */
export class InvalidKey extends Error {}
/** A value that has not even the length and characters of its Application Identifier. */
export class NotInFormat extends InvalidKey {}

const SET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const CHAR_82 = "[!\"%&'()*+,\\-./0-9:;<=>?A-Z_a-z]";
const CHAR_39 = "[#\\-/0-9A-Z]";
const SET_32 = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83];

// Primary keys: format, digits up to and with the check digit (0: none), the name in older Digital Links, qualifiers in
// the order of a path, and those of them that stay in a canonical name, finest first.
const key = (format, checked, alias, qualifiers = [], finer = []) => ({ format: new RegExp(`^${format}$`), checked, alias, qualifiers, finer });
export const KEYS = {
  __proto__: null,
  "00": key("\\d{18}", 18, "sscc"),
  "01": key("\\d{14}", 14, "gtin", ["22", "10", "21", "235"], ["235", "21", "10"]),
  253: key(`\\d{13}${CHAR_82}{0,17}`, 13, "gdti"),
  255: key("\\d{13,25}", 13, "gcn"),
  401: key(`${CHAR_82}{1,30}`, 0, "ginc"),
  402: key("\\d{17}", 17, "gsin"),
  414: key("\\d{13}", 13, "gln", ["254", "7040"], ["254"]),
  415: key("\\d{13}", 13, "payTo", ["8020"], ["8020"]),
  417: key("\\d{13}", 13, "party", ["7040"]),
  8003: key(`0\\d{13}${CHAR_82}{0,16}`, 14, "grai"),
  8004: key(`${CHAR_82}{1,30}`, 0, "giai", ["7040"]),
  8006: key("\\d{18}", 14, "itip", ["22", "10", "21"], ["21", "10"]),
  8010: key(`${CHAR_39}{1,30}`, 0, "cpid", ["8011"], ["8011"]),
  8013: key(`${CHAR_82}{1,25}`, 0, "gmn"),
  8017: key("\\d{18}", 18, "gsrnp", ["8019"]),
  8018: key("\\d{18}", 18, "gsrn", ["8019"]),
};

export const QUALIFIERS = {
  __proto__: null,
  10: new RegExp(`^${CHAR_82}{1,20}$`),
  21: new RegExp(`^${CHAR_82}{1,20}$`),
  22: new RegExp(`^${CHAR_82}{1,20}$`),
  235: new RegExp(`^${CHAR_82}{1,28}$`),
  254: new RegExp(`^${CHAR_82}{1,20}$`),
  7040: new RegExp(`^\\d${CHAR_82}{3}$`),
  8011: /^\d{1,12}$/,
  8019: /^\d{1,10}$/,
  8020: new RegExp(`^${CHAR_82}{1,25}$`),
};

/** Names instead of numbers in paths: GS1 Digital Link 1.0 to 1.2. */
export const ALIASES = { __proto__: null, cpv: "22", lot: "10", ser: "21", glnx: "254", cpsn: "8011", srin: "8019", refno: "8020" };
for (const [ai, { alias }] of Object.entries(KEYS)) ALIASES[alias] = ai;

/** The digit that completes `digits` (General Specifications 7.9.1). */
export function checkDigit(digits) {
  let sum = 0;
  for (let i = 0; i < digits.length; i += 1) sum += Number(digits[digits.length - 1 - i]) * (i % 2 ? 1 : 3);
  return String((10 - (sum % 10)) % 10);
}

/** The value of a key or qualifier in full form: a GTIN-8, -12 or -13 gets 14 digits, all else is unchanged.
 *  @throws InvalidKey */
export function check(ai, value) {
  const { format, checked } = KEYS[ai] ?? { format: QUALIFIERS[ai], checked: 0 };
  const full = ai === "01" && [8, 12, 13].includes(value.length) && /^\d+$/.test(value) ? value.padStart(14, "0") : value;
  if (!format.test(full)) throw new NotInFormat(`'${value.slice(0, 60)}' is not a value of AI ${ai}`);
  if (checked && checkDigit(full.slice(0, checked - 1)) !== full[checked - 1]) throw new InvalidKey(`wrong check digit in ${full}`);
  if (["401", "8004", "8010", "8013"].includes(ai) && !/^\d{4}/.test(full)) throw new InvalidKey(`${full} has no company prefix`);
  if (ai === "8011" && full[0] === "0") throw new InvalidKey(`CPID serial number ${full} must not start with 0`);
  if (ai === "8006") checkPiece(full.slice(14, 16), full.slice(16));
  if (ai === "8013" && checkPair(full.slice(0, -2)) !== full.slice(-2)) throw new InvalidKey(`wrong check characters in ${full}`);
  return full;
}

function checkPiece(piece, total) {
  if (piece === "00" || total === "00" || piece > total) throw new InvalidKey(`piece ${piece} of ${total} cannot be`);
}

/** The two check characters of a Global Model Number (General Specifications 7.9.5). */
function checkPair(text) {
  const weights = PRIMES.slice(0, text.length).reverse();
  const total = [...text].reduce((sum, char, i) => sum + SET_82.indexOf(char) * weights[i], 0) % 1021;
  return SET_32[total >> 5] + SET_32[total & 31];
}
