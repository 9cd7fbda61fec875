// Strict JSON in, RFC 8785 (JCS) out. JSON.parse would silently keep the last of two equal names and round digits away.

export const MAX_DEPTH = 64;

export class InvalidJson extends Error {}

const TOKEN = /[\t\n\r ]*(?:([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|(true|false|null))/y;
const ESCAPED = /\\(?:u([0-9a-fA-F]{4})|(.))/g;
const SHORT = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", "/": "/" };
// Members whose number is whole but was spelled with a point or an exponent: 1.0 and 1 are one value, not one integer.
const spelledOtherwise = new WeakMap();
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The value that a JSON text denotes; objects have no prototype.
 *  @throws InvalidJson for anything but one JSON text, for duplicate names, lone surrogates, deeper nesting than
 *  `maxDepth`, and numbers that JCS would not spell with the same value (DESIGN section 4). */
export function parse(text, maxDepth = MAX_DEPTH) {
  let position = 0;
  const next = () => {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(text);
    if (match === null) throw new InvalidJson(`not JSON at character ${position}`);
    position = TOKEN.lastIndex;
    return match;
  };
  const value = (match, depth) => {
    const [, mark, string, number, word] = match;
    if (string !== undefined) return unquoted(string);
    if (number !== undefined) return exact(number);
    if (word !== undefined) return word === "null" ? null : word === "true";
    if (mark !== "{" && mark !== "[") throw new InvalidJson(`'${mark}' where a value is due`);
    if (depth === maxDepth) throw new InvalidJson(`more than ${maxDepth} levels deep`);
    return mark === "{" ? members(depth + 1) : elements(depth + 1);
  };
  const members = (depth) => {
    const object = Object.create(null);
    let match = next();
    if (match[1] === "}") return object;
    for (;;) {
      if (match[2] === undefined) throw new InvalidJson("a name is due");
      const name = unquoted(match[2]);
      if (name in object) throw new InvalidJson(`the name ${name.slice(0, 60)} stands twice in one object`);
      if (next()[1] !== ":") throw new InvalidJson("':' is due");
      const held = next();
      object[name] = value(held, depth);
      if (held[3] !== undefined && /[.eE]/.test(held[3])) spelledOtherwise.set(object, (spelledOtherwise.get(object) ?? new Set()).add(name));
      const mark = next()[1];
      if (mark === "}") return object;
      if (mark !== ",") throw new InvalidJson("',' or '}' is due");
      match = next();
    }
  };
  const elements = (depth) => {
    const array = [];
    let match = next();
    if (match[1] === "]") return array;
    for (;;) {
      array.push(value(match, depth));
      const mark = next()[1];
      if (mark === "]") return array;
      if (mark !== ",") throw new InvalidJson("',' or ']' is due");
      match = next();
    }
  };
  const result = value(next(), 0);
  if (/[^\t\n\r ]/.test(text.slice(position))) throw new InvalidJson(`more than one JSON text at character ${position}`);
  return result;
}

/** As parse, for UTF-8 bytes. A byte order mark is not JSON (RFC 8259 section 8.1). */
export function parseBytes(bytes, maxDepth = MAX_DEPTH) {
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InvalidJson("not UTF-8");
  }
  return parse(text, maxDepth);
}

/** Whether a member of a parsed object was written as a JSON integer. */
export function isWrittenAsInteger(object, name) {
  return Number.isSafeInteger(object[name]) && !spelledOtherwise.get(object)?.has(name);
}

/** RFC 8785 text of a JSON value: names sorted by UTF-16 code units, numbers and strings as ECMAScript writes them. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort();
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isFinite(value)) throw new InvalidJson("not a JSON number");
  return JSON.stringify(value);
}

function unquoted(literal) {
  const inner = literal.slice(1, -1);
  const text = !inner.includes("\\")
    ? inner
    : inner.replace(ESCAPED, (_, code, short) => (code ? String.fromCharCode(parseInt(code, 16)) : SHORT[short]));
  if (LONE_SURROGATE.test(text)) throw new InvalidJson("a lone surrogate is not a character");
  return text;
}

function exact(literal) {
  const number = Number(literal);
  const spelled = String(number);
  if (spelled === literal) {
    if (/^-?\d+$/.test(literal) && !Number.isSafeInteger(number)) throw new InvalidJson(`${literal} is beyond 2^53−1`);
    return number;
  }
  if (!Number.isFinite(number) || decimal(literal) !== decimal(spelled)) {
    throw new InvalidJson(`${literal.slice(0, 40)} is not exactly a double-precision number`);
  }
  if (/^-?\d+$/.test(spelled) && !Number.isSafeInteger(number)) throw new InvalidJson(`${literal} is beyond 2^53−1`);
  return number;
}

/** The decimal value of a number literal in one spelling: sign, digits without outer zeros, power of ten. */
function decimal(literal) {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal);
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return "0";
  const significant = digits.replace(/0+$/, "");
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
