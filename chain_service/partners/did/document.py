"""DID documents: of a partner from its registered keys, and what a foreign one says.

Sources: W3C Decentralized Identifiers (DIDs) v1.0; the did:web method; EcdsaSecp256k1RecoverySignature2020; CAIP-10.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from chain_service.partners.did.errors import MalformedDid
from chain_service.partners.did.keys import addresses_of, checksummed

CONTEXT = ("https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/secp256k1recovery-2020/v2")
KEY_TYPE = "EcdsaSecp256k1RecoveryMethod2020"
_DID = re.compile(r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+")
LONGEST = 255  # characters of a DID, as PartnerRegistry and the database take them
_METHOD = "did:web:"
_CHARACTERS = re.compile(r"(?:[A-Za-z0-9._:-]|%[0-9A-Fa-f]{2})*")  # method-specific-id, DID Core section 3.1
_HOST = re.compile(r"(.*?)(?:%3[Aa](.*))?")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9A-Fa-f]*")  # as the last label: browsers read the whole as an IPv4 address


class Key(Protocol):
    """A key as the registry has it. `address`: 0x and lower case; `status`: good, not_yet_valid, ended, …"""

    @property
    def address(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def custody(self) -> str: ...


def document(
    did: str, keys: Sequence[Key], chain_id: int, services: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The DID document of a partner: those of its keys that are good now, each to assert with, and its services."""
    methods = [
        {
            "id": f"{did}#{key.address}",
            "type": KEY_TYPE,
            "controller": did,
            "blockchainAccountId": f"eip155:{chain_id}:{checksummed(key.address)}",
        }
        for key in keys
        if key.status == "good"
    ]
    made: dict[str, Any] = {
        "@context": list(CONTEXT),
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }
    return {**made, "service": [dict(service) for service in services]} if services else made


def is_did(text: str) -> bool:
    """Whether a text has the form of a DID (DID Core 1.0 section 3.1), short enough to be kept."""
    return len(text) <= LONGEST and _DID.fullmatch(text) is not None


def did_web_url(did: str) -> str:
    """Where the document of a did:web stands, always https. Raises MalformedDid naming what is wrong with the DID."""
    host, path = split(did)
    return f"https://{host}{path}"


def split(did: str) -> tuple[str, str]:
    """The host (lower case; with its port after a colon, where it has one) and the path of a did:web's document.

    Raises MalformedDid.
    """
    if not did:
        raise MalformedDid("there is no DID")
    if len(did) > LONGEST:
        raise MalformedDid(f"a DID has at most {LONGEST} characters, this one {len(did)}")
    if not did.startswith(_METHOD):
        raise MalformedDid("only DIDs of the method web are read: did:web:…")
    if _CHARACTERS.fullmatch(did) is None:
        raise MalformedDid(
            "it has a character that no DID has; a port is written %3A8443, and no path, query or # follows"
        )
    first, *segments = did.removeprefix(_METHOD).split(":")
    for segment in segments:
        _check_segment(segment)
    path = "/" + "/".join(segments) if segments else "/.well-known"
    return _host(first), path + "/did.json"


def _host(written: str) -> str:
    match = _HOST.fullmatch(written)
    assert match is not None
    name, port = match[1].lower(), match[2]
    if not name:
        raise MalformedDid("it names no host")
    if "%40" in written:
        raise MalformedDid("it names a user before the host")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]) or "%5b" in name or "%3a" in (port or "").lower():
        raise MalformedDid("its host is an IP address; did:web takes names only")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise MalformedDid("its host is no name of the domain name system")
    if port is None:
        return name
    if not re.fullmatch(r"[1-9][0-9]{0,4}", port) or int(port) > 65535:
        raise MalformedDid("its port is no number from 1 to 65535")
    return f"{name}:{port}"


def _check_segment(segment: str) -> None:
    if not segment:
        raise MalformedDid("a part of its path is empty")
    decoded = unquote_to_bytes(segment)
    if decoded in (b".", b".."):
        raise MalformedDid("a part of its path is . or ..")
    if re.search(rb"[\x00-\x20\x7f/\\%]", decoded):
        raise MalformedDid("a part of its path hides a slash, a space, a percent sign or a control character")


def addresses_in(document: Mapping[str, Any]) -> list[str]:
    """The addresses (0x, lower case, each once) of the secp256k1 keys that a foreign document lists.

    They stand under verificationMethod, or whole under assertionMethod. What is malformed is skipped.
    """
    return list(dict.fromkeys(address for method in _methods(document) for address in addresses_of(method)))


def _methods(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("verificationMethod", "assertionMethod"):
        listed = document.get(name)
        if isinstance(listed, list):
            yield from (method for method in listed if isinstance(method, dict))
