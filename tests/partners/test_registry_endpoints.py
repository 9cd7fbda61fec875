"""What the registry holds, and what a change would do to it, as the service says it: nothing is changed here."""

import secrets
from typing import Any

import pytest

from chain_service.kit.clock import iso
from chain_service.kit.digests import keccak256
from tests.partners.did_host import Answer, plain, stating
from tests.partners.registry_room import DAY, Room, document_of, problem
from tests.stage import new_account


def new_did(end: str = "") -> str:
    return f"did:web:p{secrets.token_hex(5)}.example{end}"


def new_key() -> str:
    return str(new_account().address).lower()


def in_utc(seconds: int) -> str:
    return iso(seconds * 1000)[:19].replace("T", " ") + " UTC"


def far(room: Room) -> int:
    return room.now() + 30 * DAY


@pytest.fixture
def did(room: Room) -> str:
    """A partner with a key of its own, admitted by the service."""
    did = new_did("%3A8443:dairy")
    room.send("admitPartner", did=did, name={"en": "Dairy", "zh": "乳业"}, roles=["producer"], key=new_key())
    return did


def test_partners_are_listed_for_everybody_with_roles_and_names(room: Room, did: str) -> None:
    assert room.listed(did) == {
        "did": did,
        "name": {"en": "Dairy", "zh": "乳业"},
        "roles": ["producer"],
        "suspended": False,
        "admitted": True,
        "keys": {"good": 1, "all": 1},
    }
    unnamed = new_did()
    room.do("admitPartner", did=unnamed, roles=4)
    found = room.listed(unnamed)
    assert found is not None
    assert (found["name"], found["roles"]) == ({"en": unnamed}, ["logistics"]), "the chain alone knows of it"


def test_a_partner_shows_its_keys_and_its_history_in_order(room: Room, did: str) -> None:
    first, second, third, end = room.key_of(did), new_key(), new_key(), far(room)
    room.send("addKey", did=did, key=second, custody="operator", validFrom=end - DAY, validTo=end)
    room.send("addKey", did=did, key=third, custody="partner")
    lost = room.now() - 1000
    room.send("reportCompromised", key=first, since=lost)
    assert (room.listed(did) or {})["keys"] == {"good": 1, "all": 3}
    room.send("suspend", did=did)
    assert (room.listed(did) or {})["keys"] == {"good": 0, "all": 3}
    found = room.partner(did)
    assert (found["did"], found["suspended"], found["roles"]) == (did, True, ["producer"])
    shown = {key["address"]: key for key in found["keys"]}
    assert [key["address"] for key in found["keys"]] == [first, second, third]
    assert (shown[first]["compromisedAt"], shown[first]["status"]) == (lost, "compromised")
    assert shown[second] == {
        "address": second,
        "custody": "operator",
        "validFrom": end - DAY,
        "validTo": end,
        "compromisedAt": None,
        "status": "not_yet_valid",
        "rotatedTo": None,
        "operator": False,
    }
    assert (shown[third]["status"], shown[third]["validTo"]) == ("suspended", None)
    names = [change["name"] for change in found["history"]]
    assert names == ["PartnerAdmitted", "KeyAdded", "KeyAdded", "KeyAdded", "KeyCompromised", "PartnerSuspended"]
    assert found["history"][0]["arguments"]["did"] == did
    assert set(found["history"][0]) == {"name", "arguments", "block", "time", "transaction"}
    room.send("reinstate", did=did)
    assert room.partner(did)["suspended"] is False


def test_the_key_that_seals_is_told_from_the_others(room: Room) -> None:
    (key,) = room.partner(room.operator)["keys"]
    assert (key["address"], key["operator"]) == (room.stage.operator, True)


@pytest.mark.parametrize("path", ["did%3Aweb%3Anobody.example", "x", "%00", "%E4%B9%B3", "%FF", "a" * 3000])
def test_an_unknown_partner_is_named(room: Room, path: str) -> None:
    assert problem(room.stage.client.get(f"/v1/partners/{path}")) == (404, "no-such-partner")


def test_who_holds_the_powers_is_told(room: Room) -> None:
    said = room.ask("/v1/registry").json()
    assert said["administration"] == {"admin": room.admin, "pendingAdmin": None, "guardian": None}
    assert said["operatorHoldsAdminKey"] is True
    assert (said["network"], said["chainId"]) == (room.stage.network.network, room.stage.network.chainId)
    assert said["contract"] == room.stage.network.contracts["PartnerRegistry"].lower()
    room.settings(admin_keystore="operator.json")
    assert room.ask("/v1/registry").json()["operatorHoldsAdminKey"] is False
    room.settings(admin_keystore="none.json")
    assert problem(room.ask("/v1/registry")) == (503, "no-key")


def plans(room: Room, did: str) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Good arguments of each action, and what its words must name in both languages."""
    key, other, end = room.key_of(did), new_key(), far(room)
    since, new = room.now() - 60, new_did()
    return {
        "admitPartner": ({"did": new, "roles": ["brand", "customs"], "key": other}, [new, other, "brand", "customs"]),
        "setRoles": ({"did": did, "roles": ["logistics", "operator"]}, [did, "logistics", "operator"]),
        "suspend": ({"did": did}, [did]),
        "reinstate": ({"did": did}, [did]),
        "addKey": ({"did": did, "key": other, "custody": "operator", "validTo": end}, [did, other, in_utc(end)]),
        "endKey": ({"key": key, "validTo": end}, [key, in_utc(end)]),
        "reportCompromised": ({"key": key, "since": since}, [key, in_utc(since)]),
        "rotateOperator": ({"key": room.stage.operator, "successor": other}, [room.stage.operator, other]),
        "offerAdmin": ({"successor": other}, [other]),
        "acceptAdmin": ({}, []),
        "setGuardian": ({"guardian": other}, [other]),
    }


IN_CHINESE = {"brand": "品牌方", "customs": "海关", "logistics": "物流", "operator": "运营方"}


def test_a_plan_says_each_change_in_words_and_as_a_transaction_and_does_nothing(room: Room, did: str) -> None:
    block, files = room.now(), room.key_files()
    refused = {"reinstate": "NotSuspended", "rotateOperator": "UnknownKey", "acceptAdmin": "NotOffered"}
    for action, (arguments, named) in plans(room, did).items():
        made = room.plan(action, **arguments)
        assert (made["action"], made["canSendHere"]) == (action, True)
        for language in ("en", "zh"):
            words = " ".join(step["says"][language] for step in made["steps"])
            assert all(IN_CHINESE.get(name, name) in words for name in named if language == "zh"), (action, words)
            assert all(name in words for name in named if language == "en"), (action, words)
            assert "None" not in words
        for step in made["steps"]:
            assert step["to"] == room.stage.network.contracts["PartnerRegistry"].lower()
            assert step["from"] == room.admin
            assert step["data"].startswith("0x" + keccak256(step["function"].encode()).hex()[:8])
        (last,) = made["steps"][-1:]
        expected = refused.get(action)
        assert (last["refusal"] or "").partition("(")[0] == (f"PartnerRegistry_{expected}" if expected else "")
    assert (room.now(), room.key_files()) == (block, files), "no block, no key"
    assert [
        step["function"] for step in room.plan("admitPartner", did=new_did(), roles=[], key=new_key())["steps"]
    ] == [
        "admitPartner(string,uint32)",
        "addKey(bytes32,address,uint8,uint64,uint64)",
    ]


def test_nobody_is_said_where_an_offer_is_withdrawn_and_no_guardian_is_left(room: Room) -> None:
    for nobody in (None, "0x" + "0" * 40):
        said = room.plan("offerAdmin", successor=nobody)["steps"][0]["says"]
        assert ("Withdraws" in said["en"], "撤回" in said["zh"]) == (True, True)
        assert "no guardian" in room.plan("setGuardian", guardian=nobody)["steps"][0]["says"]["en"]


def test_a_key_of_another_partner_is_refused_in_the_plan_of_an_admission(room: Room, did: str) -> None:
    first, second = room.plan("admitPartner", did=new_did(), roles=["brand"], key=room.key_of(did))["steps"]
    assert (first["refusal"], second["refusal"]) == (None, f"PartnerRegistry_KeyExists({room.key_of(did)})")


def test_a_key_that_the_service_will_make_stands_in_the_plan_without_data(room: Room, did: str) -> None:
    for made in (
        room.plan("admitPartner", did=new_did(), roles=["brand"], custody="operator"),
        room.plan("addKey", did=did, custody="operator"),
    ):
        step = made["steps"][-1]
        assert (step["data"], step["refusal"]) == (None, None)
        assert "key that this service makes" in step["says"]["en"]
        assert "由本服务现在生成" in step["says"]["zh"]
    room.settings(admin_keystore="")
    for body in ({"action": "addKey", "did": did}, {"action": "admitPartner", "did": new_did(), "roles": []}):
        answer = room.ask("/v1/registry/plan", {**body, "custody": "operator"})
        assert (problem(answer), answer.json()["errors"][0]["pointer"]) == ((422, "invalid-body"), "/key")


def test_without_the_administrators_key_a_plan_is_for_a_wallet(room: Room, did: str) -> None:
    room.settings(admin_keystore="")
    made = room.plan("suspend", did=did)
    assert (made["canSendHere"], made["steps"][0]["from"], made["steps"][0]["refusal"]) == (False, room.admin, None)


KEY = "0x" + "1a" * 20
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"action": "renounce"}, "/action"),
    ({}, "/action"),
    ({"action": 7}, "/action"),
    ({"action": "suspend"}, "/did"),
    ({"action": "suspend", "did": 7}, "/did"),
    ({"action": "suspend", "did": "d" * 256}, "/did"),
    ({"action": "suspend", "did": "did:web:a.example", "roles": []}, "/roles"),
    ({"action": "suspend", "did": "did:web:a.example", "name": {"en": "A"}}, "/name"),
    ({"action": "suspend", "did": "did:web:a.example", "more": 1}, "/more"),
    ({"action": "admitPartner", "roles": ["brand"]}, "/did"),
    ({"action": "admitPartner", "did": "dairy.example", "roles": []}, "/did"),
    ({"action": "admitPartner", "did": "did:web:a\0.example", "roles": []}, "/did"),
    ({"action": "admitPartner", "did": "did:web:a.example"}, "/roles"),
    ({"action": "admitPartner", "did": "did:web:a.example", "roles": ["king"]}, "/roles"),
    ({"action": "admitPartner", "did": "did:web:a.example", "roles": [], "key": "0x12"}, "/key"),
    ({"action": "admitPartner", "did": "did:web:a.example", "roles": [], "custody": "me"}, "/custody"),
    ({"action": "admitPartner", "did": "did:web:a.example", "roles": [], "key": KEY, "validTo": 9}, "/validTo"),
    ({"action": "admitPartner", "did": "did:web:a.example", "roles": [], "name": {"en": ""}}, "/name/en"),
    ({"action": "addKey", "did": "did:web:a.example", "custody": "partner"}, "/key"),
    ({"action": "addKey", "did": "did:web:a.example", "key": KEY}, "/custody"),
    ({"action": "addKey", "did": "did:web:a.example", "key": KEY, "custody": "partner", "validFrom": -1}, "/validFrom"),
    ({"action": "endKey", "key": KEY}, "/validTo"),
    ({"action": "endKey", "key": KEY, "validTo": "tomorrow"}, "/validTo"),
    ({"action": "reportCompromised", "key": KEY}, "/since"),
    ({"action": "reportCompromised", "key": KEY, "since": 2**40}, "/since"),
    ({"action": "rotateOperator", "key": KEY, "successor": None}, "/successor"),
    ({"action": "rotateOperator", "key": KEY}, "/successor"),
    ({"action": "offerAdmin"}, "/successor"),
    ({"action": "setGuardian"}, "/guardian"),
    ({"action": "setGuardian", "guardian": "0x5AAeb6053F3e94c9b9a09f33669435e7ef1beaed"}, "/guardian"),
]


@pytest.mark.parametrize(("body", "pointer"), WRONG, ids=range(len(WRONG)))
def test_an_argument_that_is_malformed_missing_or_too_many_is_pointed_at(
    room: Room, body: dict[str, Any], pointer: str
) -> None:
    files = room.key_files()
    for path in ("/v1/registry/plan", "/v1/registry/send"):
        answer = room.ask(path, body)
        assert problem(answer) == (422, "invalid-body"), answer.text
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
        assert "valid_" not in answer.text
    assert room.key_files() == files


def checked(room: Room, did: str, key: str | None, answer: Answer | None = None) -> dict[str, Any]:
    """The check of a DID document that lists KEY, or is answered so."""
    with document_of(room, did, [KEY], answer):
        named = {"key": key} if key else {"custody": "operator"}
        (check,) = room.plan("admitPartner", did=did, roles=["brand"], **named)["checks"]
    assert check["check"] == "did-document"
    return dict(check)


def test_a_did_document_that_lists_the_key_passes(room: Room) -> None:
    did = new_did()
    found = checked(room, did, KEY)
    assert (found["outcome"], found["kind"], found["keys"]) == ("passed", "did-names-key", [KEY])
    assert did in found["detail"]
    found = checked(room, did, None)
    assert (found["outcome"], found["kind"]) == ("passed", "did-is-there"), "the operator's key need not stand there"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (None, "did-lacks-key"),
        (plain(b"", "302 Found", Location="http://127.0.0.1/"), "did-redirects"),
        (plain(b"{" + b" " * 70_000 + b"}"), "did-too-large"),
        (stating({"id": "did:web:other.example"}), "did-other-id"),
        (plain(b"<html>"), "did-not-a-document"),
        (plain(b"", "404 Not Found"), "did-not-found"),
        (plain(b"", "500 Internal Server Error"), "did-unreachable"),
    ],
)
def test_a_did_document_that_does_not_confirm_the_key_is_told_of_by_kind(
    room: Room, answer: Answer | None, kind: str
) -> None:
    found = checked(room, new_did(), new_key() if answer is None else KEY, answer)
    assert (found["outcome"], found["kind"]) == ("failed", kind)
    assert found["detail"]


def test_a_did_that_leads_into_the_own_network_is_not_read_unless_it_was_configured(room: Room) -> None:
    for did, kind in (("did:web:localhost%3A1", "did-internal-address"), ("did:web:127.0.0.1", "did-malformed")):
        (check,) = room.plan("admitPartner", did=did, roles=["brand"], key=KEY)["checks"]
        assert (check["outcome"], check["kind"], check["keys"]) == ("failed", kind, [])


def test_a_did_of_another_method_can_not_be_checked(room: Room) -> None:
    (check,) = room.plan("admitPartner", did="did:key:z6Mk", roles=["brand"], key=KEY)["checks"]
    assert (check["outcome"], check["kind"]) == ("not-possible", "did-other-method")


def test_the_document_is_read_where_a_key_is_added_and_for_nothing_else(room: Room, did: str) -> None:
    with document_of(room, did, [KEY]) as host:
        assert room.plan("addKey", did=did, key=KEY, custody="partner")["checks"][0]["outcome"] == "passed"
        assert len(host.requests) == 1
        assert room.plan("suspend", did=did)["checks"] == []
        assert len(host.requests) == 1


def test_the_list_asks_the_node_for_the_log_once_a_block(room: Room, did: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read, times = room.state.registry.changes, []
    monkeypatch.setattr(room.state.registry, "changes", lambda since: times.append(since) or read(since))
    for _ in range(5):
        assert room.listed(did) is not None
    room.do("suspend", did=did)
    found = room.listed(did)
    assert found is not None
    assert (found["suspended"], len(times)) == (True, 1), "the log was read when the partner was admitted"


def test_without_the_chain_the_answer_is_503(room: Room) -> None:
    room.cut_off()
    body = {"action": "suspend", "did": room.stage.brand}
    for path, sent in (
        ("/v1/partners", None),
        (f"/v1/partners/{room.stage.brand}", None),
        ("/v1/registry", None),
        ("/v1/registry/plan", body),
        ("/v1/registry/send", body),
        ("/v1/registry/sync", {}),
    ):
        answer = room.ask(path, sent)
        assert problem(answer) == (503, "chain-unreachable"), path
        assert answer.headers["retry-after"] == "10"
        assert "127.0.0.1" not in answer.text
    assert problem(room.ask("/v1/registry/plan", {"action": "renounce"}))[0] in (422, 503)
