// The statement as EIP-712 typed data: the digest that is signed and the address that signed it (DESIGN section 4).

import { recoverPublicKey, Point } from "../vendor/secp256k1.js";
import { concat, fromHex, keccak256, sha256, toHex, utf8, word } from "./digests.js";

const DOMAIN_TYPE = "EIP712Domain(string name,string version,bytes32 salt)";
const STATEMENT_TYPE =
  "Statement(bytes32 eventDigest,bytes32 subjects,string step,string disposition,string place,uint64 eventTime,uint32 flags)";
const HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

const stringHash = (text) => keccak256(utf8(text));
const STATEMENT_TYPE_HASH = stringHash(STATEMENT_TYPE);
const DOMAIN_HEAD = concat(stringHash(DOMAIN_TYPE), stringHash("chain-service"), stringHash("1"));

/** The 32 bytes that a partner signs. The network's name is the domain's salt; no chain id, no contract. */
export function statementDigest(statement, network) {
  const domain = keccak256(concat(DOMAIN_HEAD, sha256(utf8(network))));
  const struct = keccak256(
    concat(
      STATEMENT_TYPE_HASH,
      fromHex(statement.eventDigest),
      fromHex(statement.subjects),
      stringHash(statement.step),
      stringHash(statement.disposition),
      stringHash(statement.place),
      word(statement.eventTime),
      word(statement.flags),
    ),
  );
  return keccak256(concat(Uint8Array.of(0x19, 0x01), domain, struct));
}

/** The lower-case address whose key made a 65-byte signature, or null: wrong length, v not 27 or 28, high s, no point. */
export function recover(digest, signature) {
  if (signature.length !== 65) return null;
  const v = signature[64];
  if (v !== 27 && v !== 28) return null;
  if (BigInt(toHex(signature.subarray(32, 64))) > HALF_ORDER) return null;
  try {
    const recovered = concat(Uint8Array.of(v - 27), signature.subarray(0, 64));
    const key = recoverPublicKey(recovered, digest, { prehash: false });
    return toHex(keccak256(Point.fromBytes(key).toBytes(false).subarray(1)).subarray(12));
  } catch {
    return null; // r or s is zero or too large, or no such point exists on the curve
  }
}
