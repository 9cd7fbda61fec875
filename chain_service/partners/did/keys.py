"""Secp256k1 keys as DID documents write them, each turned into the Ethereum address that it signs for.

A verification method says its key in one of the forms below (DID Core 1.0 section 5.2; DID Specification Registries).
"""

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from coincurve import PublicKey

from chain_service.kit.digests import keccak256, to_hex

# CAIP-10 on the chains of CAIP-2's namespace eip155.
_ACCOUNT = re.compile(r"eip155:[0-9]{1,32}:(0x[0-9a-fA-F]{40})")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_SECP256K1_PUB = b"\xe7\x01"  # multicodec 0xe7 as a varint
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LONGEST_KEY = 100  # characters: 35 bytes in hexadecimal, and something to spare


def checksummed(address: str) -> str:
    """An address (0x, any case) in the mixed case of EIP-55."""
    digits = address[2:].lower()
    marks = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(mark, 16) >= 8 else digit for digit, mark in zip(digits, marks, strict=False)
    )


def addresses_of(method: Mapping[str, Any]) -> Iterator[str]:
    """The addresses (lower case) of a verification method's secp256k1 keys; what is malformed is passed over."""
    for name, read in _FORMS.items():
        if name not in method:
            continue
        try:
            yield read(method[name], method)
        except (ValueError, KeyError, TypeError, AttributeError):  # of whatever JSON stands where a text should
            continue


def _of_account(value: Any, _: Mapping[str, Any]) -> str:
    match = _ACCOUNT.fullmatch(value)
    if match is None:
        raise ValueError("no account of eip155")
    return _checked(match[1])


def _of_ethereum(value: Any, _: Mapping[str, Any]) -> str:
    if _ADDRESS.fullmatch(value) is None:
        raise ValueError("no address")
    return _checked(value)


def _checked(address: str) -> str:
    """Lower case. Raises ValueError for a checksum that is wrong; one case throughout carries none (EIP-55)."""
    digits = address[2:]
    if digits not in (digits.lower(), digits.upper()) and checksummed(address) != address:
        raise ValueError("the checksum is wrong")
    return address.lower()


def _of_hex(value: Any, method: Mapping[str, Any]) -> str:
    # The bytes of another curve's key may happen to be a point of ours: the type has to say which curve it is.
    if "secp256k1" not in method["type"].lower():
        raise ValueError("no secp256k1 key")
    return _of_point(_base16(value.removeprefix("0x")))


def _of_jwk(value: Any, _: Mapping[str, Any]) -> str:
    if (value["kty"], value["crv"]) != ("EC", "secp256k1"):
        raise ValueError("another kind of key")
    if "d" in value:
        raise ValueError("a private key: whoever reads it may sign")
    x, y = (_base64url(value[name]) for name in ("x", "y"))
    if (len(x), len(y)) != (32, 32):
        raise ValueError("coordinates have 32 bytes")
    return _of_point(b"\x04" + x + y)


def _of_multibase(value: Any, _: Mapping[str, Any]) -> str:
    if len(value) > _LONGEST_KEY:  # base 58 takes quadratic time
        raise ValueError("no secp256k1 key")
    data = {"z": _base58, "u": _base64url, "f": _base16, "F": _base16}[value[:1]](value[1:])
    if not data.startswith(_SECP256K1_PUB) or len(data) != 35:
        raise ValueError("no compressed secp256k1 key")
    return _of_point(data[2:])


def _of_point(data: bytes) -> str:
    """The address of a public key, compressed or not (SEC 1 section 2.3.3); hybrid forms are none."""
    if (len(data), data[:1]) not in ((33, b"\x02"), (33, b"\x03"), (65, b"\x04")):
        raise ValueError("no point of secp256k1")
    return to_hex(keccak256(PublicKey(data).format(compressed=False)[1:])[12:])


def _base16(text: str) -> bytes:
    if re.fullmatch(r"[0-9A-Fa-f]{1,130}", text) is None:  # bytes.fromhex would skip white space
        raise ValueError("not hexadecimal")
    return bytes.fromhex(text)


def _base64url(text: str) -> bytes:
    if re.fullmatch(r"[A-Za-z0-9_-]+", text) is None:
        raise ValueError("not base64url without padding")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base58(text: str) -> bytes:
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


_FORMS: dict[str, Callable[[Any, Mapping[str, Any]], str]] = {
    "blockchainAccountId": _of_account,
    "ethereumAddress": _of_ethereum,
    "publicKeyHex": _of_hex,
    "publicKeyJwk": _of_jwk,
    "publicKeyMultibase": _of_multibase,
}
