"""The formats of DESIGN section 4 once more, from rfc8785, pycryptodome and eth-keys alone: an oracle."""

import hashlib
from typing import Any

import rfc8785
from Crypto.Hash import keccak
from eth_keys import keys

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DOMAIN = b"EIP712Domain(string name,string version,bytes32 salt)"
STATEMENT = (
    b"Statement(bytes32 eventDigest,bytes32 subjects,string step,string disposition,"
    b"string place,uint64 eventTime,uint32 flags)"
)


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def kec(data: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=data).digest()


def hexed(data: bytes) -> str:
    return "0x" + data.hex()


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def private_key(name: str) -> bytes:
    """A key for tests, the same in every run."""
    return sha(b"test key of " + name.encode())


def address(name: str) -> str:
    return keys.PrivateKey(private_key(name)).public_key.to_address()


def leaf_hash(data: bytes) -> bytes:
    return sha(b"\0" + data)


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, as its recursive definition reads."""
    if not leaves:
        return sha(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return sha(b"\1" + root(leaves[:k]) + root(leaves[k:]))


def path(leaves: list[bytes], index: int) -> list[bytes]:
    """RFC 6962 section 2.1.1, as its recursive definition reads."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*path(leaves[:k], index), root(leaves[k:])]
    return [*path(leaves[k:], index - k), root(leaves[:k])]


def _split(n: int) -> int:
    """The largest power of two below n."""
    return 1 << ((n - 1).bit_length() - 1)


def subjects(names: list[str]) -> str:
    return hexed(root([leaf_hash(digest) for digest in sorted({sha(name.encode()) for name in names})]))


def event_digest(salt: str, event: dict[str, Any]) -> str:
    return hexed(sha(raw(salt) + rfc8785.dumps(event)))


def statement_digest(statement: dict[str, Any], network: str) -> bytes:
    domain = kec(kec(DOMAIN) + kec(b"chain-service") + kec(b"1") + sha(network.encode()))
    struct = kec(
        kec(STATEMENT)
        + raw(statement["eventDigest"])
        + raw(statement["subjects"])
        + b"".join(kec(statement[name].encode()) for name in ("step", "disposition", "place"))
        + statement["eventTime"].to_bytes(32, "big")
        + statement["flags"].to_bytes(32, "big")
    )
    return kec(b"\x19\x01" + domain + struct)


def sign(digest: bytes, name: str) -> str:
    """r ‖ s ‖ v with low s (eth-keys makes no other) and v 27 or 28."""
    signature = keys.PrivateKey(private_key(name)).sign_msg_hash(digest).to_bytes()
    return hexed(signature[:64] + bytes([signature[64] + 27]))


def high_s(signature: str) -> str:
    """The other signature by the same key over the same digest, with s in the upper half."""
    data = raw(signature)
    s = ORDER - int.from_bytes(data[32:64], "big")
    return hexed(data[:32] + s.to_bytes(32, "big") + bytes([55 - data[64]]))
