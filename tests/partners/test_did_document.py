"""DID documents of partners, the addresses of did:web, and the keys that foreign documents list."""

import contextlib
import json
from dataclasses import dataclass
from typing import Any

import pytest
from eth_account import Account
from eth_keys import keys as eth_keys
from hypothesis import given
from hypothesis import strategies as st
from web3 import Web3

from chain_service.partners.did.document import CONTEXT, addresses_in, did_web_url, document
from chain_service.partners.did.errors import MalformedDid
from tests.partners.did_library import read_by_library

DID = "did:web:dairy.example"
# Published in the did:key specification's test vectors (secp256k1), the same key in two forms.
PUBLISHED_MULTIBASE = "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"
PUBLISHED_JWK = {
    "kty": "EC",
    "crv": "secp256k1",
    "x": "h0wVx_2iDlOcblulc8E5iEw1EYh5n1RYtLQfeSTyNc0",
    "y": "O2EATIGbu6DezKFptj5scAIRntgfecanVNXxat1rnwE",
}
PUBLISHED_ADDRESS = "0x255afbbe5080f0a314bc8cf88793f26c44d184b0"
# From EIP-55.
CHECKSUMMED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


@dataclass(frozen=True)
class Key:
    address: str
    status: str = "good"
    custody: str = "partner"


def address(digit: str) -> str:
    return "0x" + digit * 40


def made_key() -> tuple[eth_keys.PublicKey, str]:
    """A new public key, and the address that eth-account gives it."""
    account = Account.create()
    return eth_keys.PrivateKey(bytes(account.key)).public_key, account.address.lower()


def listed(*methods: Any) -> list[str]:
    return addresses_in({"id": DID, "verificationMethod": list(methods)})


def test_a_published_library_reads_the_document_as_conformant() -> None:
    services = [{"id": DID + "#passports", "type": "LinkedDomains", "serviceEndpoint": "https://dairy.example"}]
    made = document(DID, [Key(address("a")), Key(CHECKSUMMED.lower(), custody="operator")], 31337, services)
    read, methods = read_by_library(made)
    assert (str(read.id), read.context) == (DID, list(CONTEXT))
    assert [method.material for method in methods] == [
        f"eip155:31337:{Web3.to_checksum_address(address('a'))}",
        f"eip155:31337:{CHECKSUMMED}",
    ]
    assert str(read.dereference(DID + "#passports").service_endpoint) == "https://dairy.example"


def test_a_key_stands_in_the_document_by_its_address_under_the_chain_it_is_registered_on() -> None:
    made = document(DID, [Key(CHECKSUMMED.lower())], 137, [])
    assert made["verificationMethod"] == [
        {
            "id": f"{DID}#{CHECKSUMMED.lower()}",
            "type": "EcdsaSecp256k1RecoveryMethod2020",
            "controller": DID,
            "blockchainAccountId": f"eip155:137:{CHECKSUMMED}",
        }
    ]
    assert made["assertionMethod"] == [f"{DID}#{CHECKSUMMED.lower()}"]


@pytest.mark.parametrize("status", ["not_yet_valid", "ended", "suspended", "compromised", "unknown", ""])
def test_a_key_that_is_not_good_now_is_left_out(status: str) -> None:
    made = document(DID, [Key(address("a"), status), Key(address("b"))], 1, [])
    assert address("a") not in json.dumps(made).lower()
    assert addresses_in(made) == [address("b")]


def test_a_partner_without_a_good_key_has_a_document_without_keys() -> None:
    made = document(DID, [Key(address("a"), "ended")], 1, [])
    assert (made["verificationMethod"], made["assertionMethod"]) == ([], [])
    assert "service" not in made
    assert read_by_library(made)[1] == []


@given(st.binary(min_size=20, max_size=20))
def test_addresses_are_spelt_as_eip_55_does(raw: bytes) -> None:
    made = document(DID, [Key("0x" + raw.hex())], 1, [])
    assert made["verificationMethod"][0]["blockchainAccountId"] == f"eip155:1:{Web3.to_checksum_address(raw)}"
    assert addresses_in(made) == ["0x" + raw.hex()]


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:example.com%3a3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:Example.COM:Dairy", "https://example.com/Dairy/did.json"),
        ("did:web:xn--fiqs8s.example", "https://xn--fiqs8s.example/.well-known/did.json"),
        ("did:web:example.com:%E4%B9%B3%E4%B8%9A", "https://example.com/%E4%B9%B3%E4%B8%9A/did.json"),
        ("did:web:localhost%3A8443", "https://localhost:8443/.well-known/did.json"),
        ("did:web:1.2.3.4.example", "https://1.2.3.4.example/.well-known/did.json"),
        ("did:web:example.com:...:a_b", "https://example.com/.../a_b/did.json"),
    ],
)
def test_a_did_web_has_the_address_of_its_method(did: str, url: str) -> None:
    assert did_web_url(did) == url


@pytest.mark.parametrize(
    ("did", "reason"),
    [
        ("", "no DID"),
        ("did:web:", "no host"),
        ("did:web::partners", "no host"),
        ("did:web:%3A8443", "no host"),
        ("did:key:zQ3sh", "method web"),
        ("DID:WEB:example.com", "method web"),
        ("https://example.com", "method web"),
        (" did:web:example.com", "method web"),
        ("did:web:example.com/partners", "character"),
        ("did:web:example.com#key", "character"),
        ("did:web:example.com?x=1", "character"),
        ("did:web:user@example.com", "character"),
        ("did:web:example.com\n", "character"),
        ("did:web:ex ample.com", "character"),
        ("did:web:example.com%3", "character"),
        ("did:web:乳业.example", "character"),
        ("did:web:[::1]", "character"),
        ("did:web:user%40example.com", "user"),
        ("did:web:user%3Asecret%40example.com", "user"),
        ("did:web:127.0.0.1", "IP address"),
        ("did:web:93.184.216.34%3A8443", "IP address"),
        ("did:web:%5B%3A%3A1%5D", "IP address"),
        ("did:web:2130706433", "IP address"),
        ("did:web:0x7f000001", "IP address"),
        ("did:web:127.1", "IP address"),
        ("did:web:0x7f.0X1", "IP address"),
        ("did:web:example.com.", "domain name system"),
        ("did:web:.example.com", "domain name system"),
        ("did:web:-a.example", "domain name system"),
        ("did:web:under_score.example", "domain name system"),
        ("did:web:example.com%2Fpartners", "domain name system"),
        ("did:web:example.com%00", "domain name system"),
        (f"did:web:{'a' * 64}.example", "domain name system"),
        ("did:web:example.com%3A", "port"),
        ("did:web:example.com%3A0", "port"),
        ("did:web:example.com%3A65536", "port"),
        ("did:web:example.com%3A080", "port"),
        ("did:web:example.com%3Ahttps", "port"),
        ("did:web:example.com:", "empty"),
        ("did:web:example.com::dairy", "empty"),
        ("did:web:example.com:..:dairy", r"\. or \.\."),
        ("did:web:example.com:%2e%2E:dairy", r"\. or \.\."),
        ("did:web:example.com:.", r"\. or \.\."),
        ("did:web:example.com:a%2Fb", "slash"),
        ("did:web:example.com:a%5Cb", "slash"),
        ("did:web:example.com:a%00b", "control"),
        ("did:web:example.com:a%0d%0Ab", "control"),
        ("did:web:example.com:%252e%252e", "percent"),
        ("did:web:example.com:" + "a" * 236, "255"),
    ],
)
def test_what_is_no_did_web_is_refused_with_what_is_wrong(did: str, reason: str) -> None:
    with pytest.raises(MalformedDid, match=reason) as refusal:
        did_web_url(did)
    assert isinstance(refusal.value, ValueError)
    assert refusal.value.kind == "did-malformed"


def test_the_longest_did_is_taken() -> None:
    assert did_web_url("did:web:example.com:" + "a" * 235).endswith("a/did.json")


@given(st.text())
def test_any_text_is_an_https_address_or_refused(text: str) -> None:
    with contextlib.suppress(MalformedDid):
        assert did_web_url("did:web:" + text).startswith("https://")


@pytest.mark.parametrize(
    "method",
    [
        {"type": "Multikey", "publicKeyMultibase": PUBLISHED_MULTIBASE},
        {"type": "JsonWebKey2020", "publicKeyJwk": PUBLISHED_JWK},
        {"type": "EcdsaSecp256k1VerificationKey2019", "publicKeyJwk": {**PUBLISHED_JWK, "kid": "1"}},
    ],
)
def test_a_published_key_is_read_in_each_of_its_forms(method: dict[str, Any]) -> None:
    assert listed(method) == [PUBLISHED_ADDRESS]


def test_keys_lead_to_the_addresses_that_eth_account_gives_them() -> None:
    public, expected = made_key()
    kind = "EcdsaSecp256k1VerificationKey2019"
    compressed, point = public.to_compressed_bytes(), b"\x04" + public.to_bytes()
    for text in (compressed.hex(), "0x" + compressed.hex(), point.hex(), point.hex().upper()):
        assert listed({"type": kind, "publicKeyHex": text}) == [expected]
    assert listed({"type": "Multikey", "publicKeyMultibase": "fe701" + compressed.hex()}) == [expected]
    for account in (expected, Web3.to_checksum_address(expected), "0x" + expected[2:].upper()):
        assert listed({"type": "x", "blockchainAccountId": f"eip155:1:{account}"}) == [expected]
        assert listed({"type": "x", "ethereumAddress": account}) == [expected]


def test_keys_under_both_relations_are_listed_once_in_order() -> None:
    first = {"id": "#1", "ethereumAddress": address("b")}
    second = {"id": "#2", "blockchainAccountId": "eip155:1:" + address("a")}
    embedded = {"id": "#3", "ethereumAddress": address("c")}
    foreign = {
        "verificationMethod": [first, second, first],
        "assertionMethod": ["#1", embedded, second],
        "authentication": [{"id": "#4", "ethereumAddress": address("d")}],
    }
    assert addresses_in(foreign) == [address("b"), address("a"), address("c")]


GOOD = {"type": "x", "ethereumAddress": address("e")}
SECP = {"type": "EcdsaSecp256k1VerificationKey2019"}
PUBLIC_HEX = "02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"  # the curve's generator


@pytest.mark.parametrize(
    "method",
    [
        None,
        "did:web:x.example#key",
        [],
        {},
        {"ethereumAddress": None},
        {"ethereumAddress": ["0x"]},
        {"ethereumAddress": address("a") + "a"},
        {"ethereumAddress": CHECKSUMMED.replace("aA", "AA")},
        {"ethereumAddress": address("a")[2:]},
        {"blockchainAccountId": "eip155:1:" + CHECKSUMMED.replace("aA", "AA")},
        {"blockchainAccountId": "bip122:1:" + address("a")},
        {"blockchainAccountId": "eip155::" + address("a")},
        {"blockchainAccountId": 7},
        {**SECP, "publicKeyHex": 7},
        {**SECP, "publicKeyHex": []},
        {**SECP, "publicKeyHex": {}},
        {**SECP, "publicKeyHex": ""},
        {**SECP, "publicKeyHex": "02" + "f" * 64},
        {**SECP, "publicKeyHex": "06" + PUBLIC_HEX[2:] + "0" * 64},
        {**SECP, "publicKeyHex": PUBLIC_HEX[:-2]},
        {**SECP, "publicKeyHex": PUBLIC_HEX[:2] + " " + PUBLIC_HEX[2:]},
        {"type": "EcdsaSecp256r1VerificationKey2019", "publicKeyHex": PUBLIC_HEX},
        {"type": ["EcdsaSecp256k1VerificationKey2019"], "publicKeyHex": PUBLIC_HEX},
        {"publicKeyHex": PUBLIC_HEX},
        {"publicKeyJwk": None},
        {"publicKeyJwk": "x"},
        {"publicKeyJwk": {}},
        {"publicKeyJwk": {**PUBLISHED_JWK, "crv": "P-256"}},
        {"publicKeyJwk": {**PUBLISHED_JWK, "kty": "OKP"}},
        {"publicKeyJwk": {**PUBLISHED_JWK, "y": PUBLISHED_JWK["x"]}},
        {"publicKeyJwk": {**PUBLISHED_JWK, "y": PUBLISHED_JWK["y"] + "="}},
        {"publicKeyJwk": {**PUBLISHED_JWK, "x": "AA"}},
        {"publicKeyJwk": {**PUBLISHED_JWK, "x": 1}},
        {"publicKeyJwk": {**PUBLISHED_JWK, "d": PUBLISHED_JWK["x"]}},
        {"publicKeyMultibase": PUBLISHED_MULTIBASE[1:]},
        {"publicKeyMultibase": PUBLISHED_MULTIBASE[:-1]},
        {"publicKeyMultibase": PUBLISHED_MULTIBASE + "0"},
        {"publicKeyMultibase": "z" * 100_000},
        {"publicKeyMultibase": "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"},  # Ed25519
        {"publicKeyMultibase": "fe701" + "02" + "f" * 64},
        {"publicKeyMultibase": ""},
        {"publicKeyMultibase": None},
    ],
)
def test_what_is_malformed_is_skipped_and_the_rest_is_read(method: Any) -> None:
    assert listed(method, GOOD) == [address("e")]


@pytest.mark.parametrize("methods", [None, "x", {"ethereumAddress": address("a")}, 7, [[GOOD]]])
def test_a_document_of_another_shape_lists_nothing(methods: Any) -> None:
    assert addresses_in({"verificationMethod": methods, "assertionMethod": methods}) == []
