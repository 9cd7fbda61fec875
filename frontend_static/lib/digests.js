// Bytes, hexadecimal and the two hash functions. WebCrypto is absent on plain http, so it is not relied on.

import { sha256 as nobleSha256 } from "../vendor/sha2.js";
import { keccak_256 } from "../vendor/sha3.js";
import { canonical } from "./canonical.js";

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);
export const sha256 = (bytes) => nobleSha256(bytes);
export const keccak256 = (bytes) => keccak_256(bytes);

export function concat(...parts) {
  const result = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

export function toHex(bytes) {
  let text = "0x";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** True for 0x and lower-case digits of exactly `length` bytes, the only spelling a receipt may use. */
export function isHex(text, length) {
  return typeof text === "string" && text.length === 2 + 2 * length && /^0x[0-9a-f]*$/.test(text);
}

/** Bytes of lower-case 0x-hex. @throws RangeError for any other spelling. */
export function fromHex(text) {
  if (typeof text !== "string" || !/^0x(?:[0-9a-f]{2})*$/.test(text)) throw new RangeError("not 0x and lower-case hex");
  const bytes = new Uint8Array(text.length / 2 - 1);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16);
  return bytes;
}

/** A whole number as 32 big-endian bytes (ABI encoding of uint). */
export function word(number) {
  return fromHex(`0x${BigInt(number).toString(16).padStart(64, "0")}`);
}

export function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** SHA-256(salt ‖ JCS(event)), DESIGN section 4. */
export function eventDigest(salt, event) {
  return sha256(concat(salt, utf8(canonical(event))));
}

/** SHA-256 of an item's canonical name. */
export function itemDigest(name) {
  return sha256(utf8(name));
}
