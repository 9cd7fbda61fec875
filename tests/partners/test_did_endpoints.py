"""The DID documents that the service serves: from the real registry, on both databases."""

import json
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from chain_service.chain.client import Chain
from chain_service.chain.registry import Registry
from chain_service.db import writing
from chain_service.errors import MEDIA_TYPE
from chain_service.partners import service as partners
from chain_service.partners.did.document import addresses_in, did_web_url
from chain_service.partners.did.endpoints import JSON, JSON_LD, media_type
from chain_service.partners.did.reading import read
from chain_service.partners.registry.registered_keys import RegisteredKeys
from chain_service.partners.roles import Role
from tests.partners.did_library import read_by_library
from tests.partners.registry import DAY, OwnKey
from tests.stage import Stage, new_account

NOWHERE = "http://127.0.0.1:1"


@pytest.fixture
def stage(shared_stage: Stage) -> Iterator[Stage]:
    """The shared stage with nothing remembered of any key."""
    state = shared_stage.client.app.state
    before = (state.settings, state.chain)
    state.registry = Registry(Chain(shared_stage.network))
    state.registered_keys = RegisteredKeys()
    yield shared_stage
    state.settings, state.chain = before


@pytest.fixture
def own(stage: Stage) -> OwnKey:
    return OwnKey(stage, "dairy")


def asked(stage: Stage, did: str, **headers: str) -> httpx.Response:
    """What the service answers about a partner's document."""
    return stage.client.get(f"/v1/partners/{quote(did, safe='')}/did.json", headers=headers)


def cut_off(stage: Stage) -> None:
    """The service with a node that does not answer."""
    state = stage.client.app.state
    state.chain = Chain(stage.network.model_copy(update={"rpc": NOWHERE}))
    state.registry = Registry(state.chain)


def set_settings(stage: Stage, **changed: Any) -> None:
    state = stage.client.app.state
    state.settings = state.settings.model_copy(update=changed)


def is_problem(answer: httpx.Response, status: int, kind: str) -> bool:
    return (answer.status_code, answer.headers["content-type"], answer.json()["type"].rpartition("/")[2]) == (
        status,
        MEDIA_TYPE,
        kind,
    )


def test_a_partners_document_lists_its_good_key(stage: Stage, own: OwnKey) -> None:
    answer = asked(stage, own.did)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/did+json"
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert "Accept" in answer.headers["vary"]
    read_as, methods = read_by_library(answer.json())
    assert str(read_as.id) == own.did
    account = f"eip155:{stage.network.chainId}:{own.account.address}"
    assert [method.material for method in methods] == [account]
    assert "service" not in answer.json()


def test_a_key_in_custody_is_listed_as_well(stage: Stage) -> None:
    _, methods = read_by_library(asked(stage, stage.brand).json())
    assert len(methods) == 1


@pytest.mark.parametrize("what", ["compromised", "suspended", "not yet valid"])
def test_a_key_that_is_not_good_is_not_listed(stage: Stage, what: str) -> None:
    own = OwnKey(stage, what.replace(" ", "-"), valid=None if what == "not yet valid" else (0, 0))
    if what == "not yet valid":
        own.tell("addKey", own.partner, own.account.address, 1, own.chain_time() + DAY, 0)
    elif what == "compromised":
        own.tell("reportCompromised", own.account.address, own.chain_time() - 10)
    elif what == "suspended":
        own.tell("suspend", own.partner)
    document = asked(stage, own.did).json()
    assert addresses_in(document) == []
    assert own.signer.address not in json.dumps(document).lower()
    read_by_library(document)


def test_an_unknown_partner_has_no_document(stage: Stage) -> None:
    for did in ("did:web:nobody.example", "x", "\0", "did:web:" + "a" * 5000, "乳业", "'", stage.brand.upper()):
        assert is_problem(asked(stage, did), 404, "no-such-partner"), did
    for name in ("nobody", "%00", "..%2e", "%2F", "%3A"):
        answer = stage.client.get(f"/partners/{name}/did.json")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == MEDIA_TYPE


def test_the_operators_document_names_its_passports(stage: Stage, own: OwnKey) -> None:
    set_settings(stage, operator=own.did)
    answer = stage.client.get("/.well-known/did.json")
    read_as, methods = read_by_library(answer.json())
    assert (str(read_as.id), len(methods)) == (own.did, 1)
    service: Any = read_as.dereference(own.did + "#passports")
    assert (service.type, str(service.service_endpoint)) == ("LinkedDomains", stage.settings.public_url)


def test_without_an_operator_there_is_no_document_of_it(stage: Stage) -> None:
    set_settings(stage, operator="")
    assert is_problem(stage.client.get("/.well-known/did.json"), 404, "no-such-partner")


@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        ("https://passports.example", "passports.example"),
        ("https://Passports.example:8443/", "passports.example%3A8443"),
    ],
)
def test_a_did_under_our_own_host_leads_to_its_document(stage: Stage, public_url: str, host: str) -> None:
    did = f"did:web:{host}:partners:small-dairy"
    with writing(stage.engine) as connection:
        partners.admit(connection, did, {"en": "Small Dairy"}, Role.PRODUCER)
    set_settings(stage, public_url=public_url)
    path = did_web_url(did).removeprefix(public_url.lower().rstrip("/"))
    assert path == "/partners/small-dairy/did.json"
    answer = stage.client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.json()["id"] == did
    assert answer.json() == asked(stage, did).json()


def test_what_is_served_is_read_by_our_own_reader(stage: Stage) -> None:
    host, key = f"hosting-{secrets.token_hex(4)}.example", new_account().address.lower()
    did = f"did:web:{host}:partners:reader"
    set_settings(stage, public_url=f"https://{host}")
    stage.administrator.admit(stage.network.contracts["PartnerRegistry"], did, int(Role.PRODUCER), {key: "partner"})
    with writing(stage.engine) as connection:
        partners.admit(connection, did, {"en": "Reader"}, Role.PRODUCER)
    found = read(
        did,
        overrides={host: "http://testserver"},
        transport=httpx.ASGITransport(app=stage.client.app),
    )
    assert found.addresses == [key]


def test_json_ld_is_given_where_it_is_asked_for(stage: Stage, own: OwnKey) -> None:
    plain, linked = asked(stage, own.did), asked(stage, own.did, Accept=JSON_LD)
    assert linked.headers["content-type"] == "application/did+ld+json"
    assert linked.content == plain.content


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        ("application/json", JSON),
        (JSON, JSON),
        (JSON_LD, JSON_LD),
        ("Application/DID+LD+JSON ; q=0.5", JSON_LD),
        ("application/ld+json", JSON_LD),
        (f"{JSON_LD};q=0", JSON),
        (f"{JSON_LD};q=x", JSON),
        (f"{JSON};q=0.9, {JSON_LD};q=0.8", JSON),
        (f"{JSON};q=0.8, {JSON_LD};q=0.9", JSON_LD),
        (",;,;;q=", JSON),
    ],
)
def test_the_representation_follows_the_accept_header(accept: str, expected: str) -> None:
    assert media_type(accept) == expected


def test_a_document_is_remembered_and_served_while_the_chain_is_away(stage: Stage, own: OwnKey) -> None:
    now = [1_000_000_000_000]
    stage.client.app.state.registered_keys = RegisteredKeys(now=lambda: now[0])
    fresh = asked(stage, own.did).json()
    own.tell("reportCompromised", own.account.address, own.chain_time() - 10)
    now[0] += 59_999
    assert asked(stage, own.did).json() == fresh
    cut_off(stage)
    now[0] += 3_600_000 - 60_000
    assert asked(stage, own.did).json() == fresh
    now[0] += 1
    answer = asked(stage, own.did)
    assert is_problem(answer, 503, "chain-unreachable")
    assert answer.headers["retry-after"] == "10"
    assert "127.0.0.1" not in answer.text


def test_what_changed_on_the_chain_is_served_after_a_minute(stage: Stage, own: OwnKey) -> None:
    now = [1_000_000_000_000]
    stage.client.app.state.registered_keys = RegisteredKeys(now=lambda: now[0])
    assert addresses_in(asked(stage, own.did).json()) == [own.signer.address]
    own.tell("reportCompromised", own.account.address, own.chain_time() - 10)
    now[0] += 60_000
    assert addresses_in(asked(stage, own.did).json()) == []


def test_without_chain_and_memory_the_answer_is_503(stage: Stage, own: OwnKey) -> None:
    cut_off(stage)
    assert is_problem(asked(stage, own.did), 503, "chain-unreachable")
    assert is_problem(stage.client.get("/.well-known/did.json"), 503, "chain-unreachable")


def test_another_chain_is_not_read_as_a_partner_without_keys(stage: Stage, own: OwnKey) -> None:
    state = stage.client.app.state
    state.chain = Chain(stage.network.model_copy(update={"chainId": 1}))
    state.registry = Registry(state.chain)
    assert is_problem(asked(stage, own.did), 503, "chain-unreachable")
