"""Encryption of what is stored, and fingerprints by which it is found again without being readable.

AES-256-GCM (NIST SP 800-38D) with a random nonce of 12 bytes before the ciphertext; a fingerprint is keyed BLAKE2b
(RFC 7693) of 16 bytes: who lacks the key can't test a guess.
"""

import hashlib
import os
from hmac import digest as hmac_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
FINGERPRINT_BYTES = 16
_NONCE_BYTES = 12


class Undecryptable(ValueError):
    """Not what this key encrypted for this purpose: altered, or another key's."""


def encrypt(key: bytes, plain: bytes, purpose: bytes) -> bytes:
    """Nonce and ciphertext; `purpose` is bound to it, so that it can't stand in another place. `key`: 32 bytes."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, purpose)


def decrypt(key: bytes, data: bytes, purpose: bytes) -> bytes:
    """What was encrypted. Raises Undecryptable."""
    try:
        return AESGCM(key).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], purpose)
    except (InvalidTag, ValueError):
        raise Undecryptable("what is stored here was altered, or encrypted with another key") from None


def fingerprint(key: bytes, text: str) -> bytes:
    """16 bytes that stand for a text in an index. `key`: 32 bytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=FINGERPRINT_BYTES, key=key).digest()


def derive(key: bytes, purpose: str) -> bytes:
    """A key of its own for a purpose, from another of full strength (HKDF-Expand with one block, RFC 5869)."""
    return hmac_digest(key, purpose.encode() + b"\x01", "sha256")
