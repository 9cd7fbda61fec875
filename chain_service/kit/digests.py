"""SHA-256, keccak-256 and the two digests of DESIGN section 4: of an event and of an item's name."""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from sha3 import keccak_256

from chain_service.kit import canonical

SALT_BYTES = 32


def sha256(data: bytes) -> bytes:
    """32 bytes of SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(data).digest()


def keccak256(data: bytes) -> bytes:
    """32 bytes of keccak-256 as Ethereum uses it (the padding before FIPS 202)."""
    return bytes(keccak_256(data).digest())


def event_digest(salt: bytes, event: Mapping[str, Any]) -> bytes:
    """SHA-256(salt ‖ JCS(event)), 32 bytes. Raises ValueError when the salt has not exactly 32 bytes."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, this one {len(salt)}")
    return sha256(salt + canonical.dumps(event))


def item_digest(name: str) -> bytes:
    """SHA-256 of the UTF-8 bytes of an item's canonical name, 32 bytes."""
    return sha256(name.encode())


def uuid_of(digest: bytes) -> str:
    """A version 8 UUID (RFC 9562 section 5.8) from the first bytes of a digest."""
    made = bytearray(digest[:16])
    made[6] = 0x80 | made[6] & 0x0F
    made[8] = 0x80 | made[8] & 0x3F
    return uuid.UUID(bytes=bytes(made)).urn


def to_hex(data: bytes) -> str:
    """Lower-case hexadecimal with 0x in front, the only form in receipts."""
    return "0x" + data.hex()


def from_hex(text: str, length: int | None = None) -> bytes:
    """The bytes of a 0x-prefixed lower-case hexadecimal text.

    Raises ValueError when the form is another or the length in bytes is not `length`.
    """
    if not isinstance(text, str) or not text.startswith("0x") or text != text.lower() or not text.isascii():
        raise ValueError("not lower-case hexadecimal with 0x in front")
    if text.split() != [text]:  # bytes.fromhex would skip it
        raise ValueError("white space inside hexadecimal")
    data = bytes.fromhex(text[2:])
    if length is not None and len(data) != length:
        raise ValueError(f"{len(data)} bytes where {length} are due")
    return data
