"""What is done to the registry with the operator's key or with a wallet, and what the service does from then on."""

import json
import secrets
import time
from typing import Any

import pytest
from sqlalchemy import select

from chain_service.db import reading
from chain_service.kit.clock import iso
from chain_service.kit.eip712 import Signer
from chain_service.partners.custody import held_key
from chain_service.partners.models import Partner, PartnerKey
from chain_service.partners.roles import Role
from chain_service.verification.node import NodeReader
from chain_service.verification.outcome import Outcome, Verdict
from chain_service.verification.trust import Trust
from chain_service.verification.verdict import check
from tests.anchoring.signing import bare_event, post, statement
from tests.events.documents import bare, document, new_event
from tests.partners.persons import somebody
from tests.partners.registry_room import ADMIN, DAY, Room, problem, signer_of
from tests.stage import new_account

NOBODY = "0x" + "0" * 40


def new_did() -> str:
    return f"did:web:p{secrets.token_hex(5)}.example"


def new_key() -> str:
    return str(new_account().address).lower()


class Own:
    """A partner admitted by the service whose key is in its own hands, with a system that states."""

    def __init__(self, room: Room, roles: list[str] | None = None) -> None:
        account = new_account()
        self.did, self.key, self.signer = new_did(), account.address.lower(), signer_of(account)
        room.send("admitPartner", did=self.did, name={"en": "Own"}, roles=roles or ["brand"], key=self.key)
        token_of(room, self.did)


def token_of(room: Room, did: str) -> None:
    """Gives a partner's system a token."""
    from chain_service.db import writing
    from chain_service.partners import service as partners

    with writing(room.stage.engine) as connection:
        room.stage.tokens[did] = partners.issue_token(connection, did)


def stated(room: Room, did: str, signer: Signer, **event: Any) -> Any:
    """The answer to a statement of an event, and the event's id."""
    entry = statement(bare_event(**event), signer, room.stage.network.network)
    return post(room.stage, did, entry), entry["event"]["eventID"]


def captured(room: Room, did: str, path: str = "/epcis/capture", **event: Any) -> Any:
    content = document(new_event(**event)) if path == "/epcis/capture" else bare(new_event(**event))
    return room.stage.client.post(path, content=content, headers=room.stage.headers(did))


def verdict(room: Room, event_id: str) -> Verdict:
    trust = Trust.from_json(room.stage.network.model_dump())
    with NodeReader(trust) as chain:
        return check(room.stage.receipt(event_id), trust, chain)


def fourth(room: Room, event_id: str) -> tuple[Outcome, str]:
    """Outcome and code of check 4."""
    made = verdict(room, event_id).checks[3]
    return made.outcome, made.code


def kept(room: Room, did: str) -> tuple[dict[str, str], int] | None:
    """Name and roles of a partner as the service keeps them."""
    with reading(room.stage.engine) as connection:
        row = connection.execute(select(Partner.name, Partner.roles).where(Partner.did == did)).one_or_none()
    return None if row is None else (row.name, row.roles)


def test_an_admitted_partner_with_its_own_key_states_at_once_and_the_log_has_who_did_it(room: Room) -> None:
    own = Own(room)
    answer, event_id = stated(room, own.did, own.signer)
    assert answer.status_code == 202, answer.text
    room.stage.seal()
    assert verdict(room, event_id).complete
    (entry, *_) = room.entries("admitPartner")
    assert (entry["what"]["partner"], entry["what"]["key"], entry["what"]["roles"]) == (own.did, own.key, ["brand"])
    assert entry["actor"]["partner"] == room.operator
    assert len(entry["what"]["transactions"]) == 2
    assert "Own" not in json.dumps(entry), "names stay out of the log"


def test_a_key_made_by_the_operator_signs_what_its_partner_captures(room: Room) -> None:
    did, files = new_did(), room.key_files()
    said = room.send("admitPartner", did=did, name={"en": "Held"}, roles=["producer"], custody="operator")
    assert (said["partner"], len(said["transactions"])) == (did, 2)
    assert len(room.key_files() - files) == 1
    token_of(room, did)
    (key,) = room.partner(did)["keys"]
    assert (key["custody"], key["status"]) == ("operator", "good")
    event = new_event()
    job = room.stage.capture(document(event), did)
    assert job["success"], job
    room.stage.seal()
    receipt = room.stage.receipt(event["eventID"])
    assert (receipt["reporter"]["address"], receipt["reporter"]["custody"]) == (key["address"], "operator")
    assert verdict(room, event["eventID"]).complete


def test_a_second_key_made_here_takes_over_once_it_is_good(room: Room) -> None:
    did = room.stage.add_partner(new_did(), Role.BRAND)
    first = room.key_of(did)
    room.send("addKey", did=did, custody="operator", validFrom=room.now() + DAY)
    assert captured(room, did, "/epcis/events").status_code == 201, "the first still signs"
    with reading(room.stage.engine) as connection:
        assert held_key(connection, did)[0] == first  # type: ignore[index]
    room.send("addKey", did=did, custody="operator")
    event = new_event()
    assert room.stage.capture(document(event), did)["success"]
    waiting = room.stage.client.get(f"/v1/receipts/{event['eventID']}").json()
    assert waiting["reporter"]["address"] == room.partner(did)["keys"][2]["address"]


def test_other_roles_count_at_once(room: Room) -> None:
    own, held = Own(room), room.stage.add_partner(new_did(), Role.BRAND)
    assert stated(room, own.did, own.signer, bizStep="commissioning", action="ADD")[0].status_code == 202
    assert captured(room, held).status_code == 202
    for did in (own.did, held):
        room.send("setRoles", did=did, roles=["logistics"])
        assert room.partner(did)["roles"] == ["logistics"]
    answer, _ = stated(room, own.did, own.signer, bizStep="commissioning", action="ADD")
    assert answer.status_code == 403, answer.text
    assert stated(room, own.did, own.signer, bizStep="shipping")[0].status_code == 202
    assert captured(room, held, bizStep="commissioning", action="ADD").status_code == 403
    assert captured(room, held, bizStep="shipping").status_code == 202
    room.send("setRoles", did=held, roles=["arbiter"])
    assert problem(captured(room, held)) == (403, "role-missing")


@pytest.mark.parametrize("path", ["/epcis/capture", "/epcis/events"])
def test_a_suspension_counts_at_once_and_ends_with_it(room: Room, path: str) -> None:
    own, held = Own(room), room.stage.add_partner(new_did(), Role.BRAND)
    assert stated(room, own.did, own.signer)[0].status_code == 202
    assert captured(room, held, path).status_code in (201, 202)
    for did in (own.did, held):
        room.send("suspend", did=did)
    assert problem(stated(room, own.did, own.signer)[0]) == (403, "partner-suspended")
    assert problem(captured(room, held, path)) == (403, "partner-suspended")
    for did in (own.did, held):
        room.send("reinstate", did=did)
    assert stated(room, own.did, own.signer)[0].status_code == 202
    assert captured(room, held, path).status_code in (201, 202)


def test_captures_go_on_while_the_chain_is_away(room: Room) -> None:
    held = room.stage.add_partner(new_did(), Role.BRAND)
    room.cut_off()
    assert captured(room, held).status_code == 202


def test_a_rotated_key_leaves_what_it_signed_valid(room: Room) -> None:
    own = Own(room)
    _, event_id = stated(room, own.did, own.signer)
    account = new_account()
    room.send("addKey", did=own.did, key=account.address.lower(), custody="partner")
    end = room.now() + 2 * DAY
    room.send("endKey", key=own.key, validTo=end)
    room.stage.seal()
    assert verdict(room, event_id).complete
    answer, next_id = stated(room, own.did, signer_of(account))
    assert answer.status_code == 202
    room.stage.seal()
    assert verdict(room, next_id).complete
    old = room.partner(own.did)["keys"][0]
    assert (old["status"], old["validTo"]) == ("good", end)
    assert room.entries("endKey")[0]["what"]["validTo"] == end


def test_a_compromise_fails_what_was_sealed_since_and_nothing_before(room: Room) -> None:
    own = Own(room)
    _, before = stated(room, own.did, own.signer)
    room.stage.seal()
    sealed_at = room.stage.receipt(before)["anchor"]["sealedAt"]
    time.sleep(1.1)  # the chain's times are whole seconds; other tests share it, so its clock is left alone
    _, after = stated(room, own.did, own.signer)
    room.stage.seal()
    since = room.stage.receipt(after)["anchor"]["sealedAt"]
    assert since > sealed_at
    assert fourth(room, after)[0] is Outcome.PASSED
    room.send("reportCompromised", key=own.key, since=since)
    assert fourth(room, before)[0] is Outcome.PASSED
    outcome, code = fourth(room, after)
    assert (outcome, "compromised" in code) == (Outcome.FAILED, True), code
    assert verdict(room, after).failed == (4,)
    assert problem(stated(room, own.did, own.signer)[0]) == (403, "key-compromised")
    refused = room.ask("/v1/registry/send", {"action": "reportCompromised", "key": own.key, "since": since})
    assert problem(refused) == (409, "refused-by-contract")
    assert iso(since * 1000)[:10] in room.plan("reportCompromised", key=own.key, since=since)["steps"][0]["says"]["en"]


def test_what_the_contract_refuses_is_named_and_nothing_is_done(room: Room) -> None:
    own, block, files = Own(room), room.now(), room.key_files()
    for body, name in (
        ({"action": "reinstate", "did": own.did}, "NotSuspended"),
        ({"action": "suspend", "did": new_did()}, "UnknownPartner"),
        ({"action": "admitPartner", "did": own.did, "roles": ["brand"], "custody": "operator"}, "PartnerExists"),
        ({"action": "admitPartner", "did": new_did(), "roles": ["brand"], "key": own.key}, "KeyExists"),
        ({"action": "addKey", "did": own.did, "custody": "operator", "validTo": block + 60}, "EndTooSoon"),
        ({"action": "acceptAdmin"}, "NotOffered"),
    ):
        answer = room.ask("/v1/registry/send", body)
        assert problem(answer) == (409, "refused-by-contract"), answer.text
        assert answer.json()["detail"].startswith(f"PartnerRegistry_{name}(")
    assert (room.now(), room.key_files()) == (block, files)


def test_what_was_done_before_a_step_was_refused_stays_and_is_noted(room: Room) -> None:
    did = new_did()
    body = {"action": "admitPartner", "did": did, "name": {"en": "Half"}, "roles": ["brand"], "key": NOBODY}
    answer = room.ask("/v1/registry/send", body)
    assert (problem(answer), answer.json()["detail"]) == ((409, "refused-by-contract"), "PartnerRegistry_ZeroAddress()")
    found = room.listed(did)
    assert found is not None
    assert (found["name"], room.partner(did)["keys"]) == ({"en": "Half"}, [])
    entry = room.entries("admitPartner")[0]
    assert (entry["what"]["partner"], len(entry["what"]["transactions"])) == (did, 1)
    room.send("addKey", did=did, custody="operator")
    token_of(room, did)
    assert captured(room, did).status_code == 202, "it is gone on with"


def test_without_the_administrators_key_nothing_is_sent(room: Room) -> None:
    room.settings(admin_keystore="")
    body = {"action": "suspend", "did": room.stage.brand}
    assert problem(room.ask("/v1/registry/send", body)) == (409, "no-admin-key")
    room.settings(admin_keystore="none.json")
    assert problem(room.ask("/v1/registry/send", body)) == (503, "no-key")
    room.settings(admin_keystore="operator.json")
    answer = room.ask("/v1/registry/send", body)
    assert problem(answer) == (409, "refused-by-contract")
    assert answer.json()["detail"].startswith("PartnerRegistry_NotAdmin")
    assert room.partner(room.stage.brand)["suspended"] is False


def test_what_a_wallet_did_counts_once_the_chain_was_followed(room: Room) -> None:
    own, did, key = Own(room), new_did(), new_key()
    assert stated(room, own.did, own.signer)[0].status_code == 202
    room.do("suspend", did=own.did)
    room.do("admitPartner", did=did, roles=6)
    room.do("addKey", did=did, key=key, custody="partner", valid_from=None, valid_to=None)
    assert kept(room, did) is None
    answer = room.ask("/v1/registry/sync", {"did": did, "name": {"en": "Orchard", "zh": "果园"}})
    assert answer.status_code == 200, answer.text
    assert did in answer.json()["changed"]
    assert kept(room, did) == ({"en": "Orchard", "zh": "果园"}, 6)
    assert problem(stated(room, own.did, own.signer)[0]) == (403, "partner-suspended")
    entry = room.entries("followed")[0]
    assert (entry["what"]["partner"], did in entry["what"]["changed"]) == (did, True)
    assert room.ask("/v1/registry/sync", {}).json() == {"changed": []}, "the same again changes nothing"
    room.do("setRoles", did=did, roles=1)
    assert room.ask("/v1/registry/sync", {}).json() == {"changed": [did]}
    assert kept(room, did) == ({"en": "Orchard", "zh": "果园"}, 1), "the name stays"


def test_following_names_a_partner_that_is_not_there_and_skips_what_no_did_is(room: Room) -> None:
    answer = room.ask("/v1/registry/sync", {"did": new_did(), "name": {"en": "A"}})
    assert problem(answer) == (404, "no-such-partner")
    assert problem(room.ask("/v1/registry/sync", {"name": 7})) == (422, "invalid-body")
    for odd in (f"did:web:\0{secrets.token_hex(4)}", "did:web:" + secrets.token_hex(200)):
        room.do("admitPartner", did=odd, roles=1)
    assert room.ask("/v1/registry/sync", {}).status_code == 200
    assert room.stage.client.get("/v1/partners").status_code == 200


def test_the_powers_are_handed_over_and_the_guardian_suspends_with_the_key_held_here(room: Room) -> None:
    successor = room.wallet()
    room.send("setGuardian", guardian=room.admin)
    room.send("offerAdmin", successor=successor.address)
    assert room.ask("/v1/registry").json()["administration"] == {
        "admin": room.admin,
        "pendingAdmin": successor.address.lower(),
        "guardian": room.admin,
    }
    room.do("acceptAdmin", successor)
    try:
        said = room.ask("/v1/registry").json()
        assert said["administration"]["admin"] == successor.address.lower()
        assert said["operatorHoldsAdminKey"] is False
        did = room.stage.carrier
        made = room.plan("suspend", did=did)
        assert (made["canSendHere"], made["steps"][0]["from"]) == (True, room.admin), "as the guardian"
        room.send("suspend", did=did)
        made = room.plan("reinstate", did=did)
        assert (made["canSendHere"], made["steps"][0]["from"]) == (False, successor.address.lower())
        assert problem(room.ask("/v1/registry/send", {"action": "reinstate", "did": did}))[0] == 409
        room.do("reinstate", successor, did=did)
    finally:
        room.do("offerAdmin", successor, successor=room.admin)
        assert room.ask("/v1/registry").json()["operatorHoldsAdminKey"] is False, "offered is not held"
        room.send("acceptAdmin")
        room.send("setGuardian", guardian=None)
    assert room.ask("/v1/registry").json()["administration"] == {
        "admin": room.admin,
        "pendingAdmin": None,
        "guardian": None,
    }
    assert room.entries("acceptAdmin")


def test_an_operators_key_hands_its_sealing_over(room: Room) -> None:
    did = new_did()
    old, new = new_key(), new_key()
    room.send("admitPartner", did=did, roles=["operator"], key=old)
    room.send("addKey", did=did, key=new, custody="partner")
    room.send("rotateOperator", key=old, successor=new)
    first, second = room.partner(did)["keys"]
    assert (first["rotatedTo"], first["operator"], second["operator"]) == (new, False, True)
    assert room.entries("rotateOperator")[0]["what"]["successor"] == new


def test_a_person_who_administers_needs_the_proof_of_the_session(room: Room) -> None:
    person = somebody(room.stage, ["administer", "manage"], room.operator)
    body = {"action": "suspend", "did": room.stage.carrier}
    assert person.browser.send("POST", "/v1/registry/plan", body).status_code == 200
    bad = person.browser.http.post("/v1/registry/send", json=body)
    assert problem(bad) == (403, "csrf")
    other = somebody(room.stage, ["manage", "read"], room.operator)
    assert problem(other.browser.send("POST", "/v1/registry/plan", body)) == (403, "right-missing")
    assert room.partner(room.stage.carrier)["suspended"] is False
    assert problem(room.ask("/v1/registry/send", body, room.stage.brand)) == (403, "right-missing")
    assert person.browser.send("POST", "/v1/registry/send", {"action": "setRoles", "did": new_did(), "roles": []})
    room.send("setRoles", did=room.stage.carrier, roles=["logistics"])
    assert room.key_files() >= {ADMIN, "operator.json"}
    with reading(room.stage.engine) as connection:
        assert connection.execute(select(PartnerKey.checked_at).where(PartnerKey.checked_at.is_not(None))).all() == []
