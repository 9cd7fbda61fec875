"""Plans for PartnerRegistry: what a wallet signs, what the contract would refuse, what is malformed, and sending."""

import time
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_typing import HexStr

from chain_service.chain.client import ChainUnreachable, Refused
from chain_service.chain.contracts import artifact
from chain_service.chain.registry import Administration, RegisteredPartner
from chain_service.chain.registry_calls import ACTIONS, NOBODY
from tests.chain.office import DAY, DID, OPERATOR, OTHER, PRODUCER, WAIT, Office, lower
from tests.stage import new_account


def test_a_plan_holds_what_a_wallet_signs_and_who_may(office: Office) -> None:
    plan = office.registry.plan("suspend", {"did": DID}, office.admin.address)
    assert (plan.function, plan.by, plan.sender) == ("suspend(bytes32)", ("admin", "guardian"), lower(office.admin))
    assert plan.data == office.chain.registry.encode_abi("suspend", args=[office.chain.web3.keccak(text=DID)])
    assert (plan.refusal, plan.gas is not None and 30_000 < plan.gas < 100_000) == (None, True)
    assert office.registry.partner(DID) == RegisteredPartner(DID, 130, False), "a plan changes nothing"
    key = lower(new_account())
    arguments = {"did": DID, "key": key, "custody": "operator", "valid_from": None, "valid_to": 2**64 - 1}
    plan = office.registry.plan("addKey", arguments, lower(office.admin))
    _, given = office.chain.registry.decode_function_input(plan.data)
    assert (given["key"].lower(), given["custody"], given["validFrom"], given["validTo"]) == (key, 2, 0, 2**64 - 1)


def test_every_function_that_changes_the_registry_is_an_action() -> None:
    functions = [
        f"{entry['name']}({','.join(given['type'] for given in entry['inputs'])})"
        for entry in artifact("PartnerRegistry")["abi"]
        if entry["type"] == "function" and entry["stateMutability"] == "nonpayable"
    ]
    assert sorted(functions) == sorted(action.function for action in ACTIONS.values())


def arguments_of(office: Office) -> dict[str, dict[str, Any]]:
    """Well-formed arguments of each action."""
    key, far = lower(new_account()), office.now() + 30 * DAY
    return {
        "admitPartner": {"did": OTHER, "roles": 1},
        "setRoles": {"did": DID, "roles": 1},
        "suspend": {"did": DID},
        "reinstate": {"did": DID},
        "addKey": {"did": DID, "key": key, "custody": "partner", "valid_from": None, "valid_to": None},
        "endKey": {"key": key, "valid_to": far},
        "reportCompromised": {"key": key, "since": 1},
        "rotateOperator": {"key": key, "successor": lower(new_account())},
        "offerAdmin": {"successor": key},
        "acceptAdmin": {},
        "setGuardian": {"guardian": key},
    }


def test_everybody_but_who_may_is_refused_by_name(office: Office) -> None:
    office.do("setGuardian", guardian=lower(office.guardian))
    stranger, guardian = lower(office.stranger), lower(office.guardian)
    for action, arguments in arguments_of(office).items():
        name = {"suspend": "NotAdminOrGuardian", "acceptAdmin": "NotOffered"}.get(action, "NotAdmin")
        assert office.refusal(action, office.stranger, **arguments) == f"PartnerRegistry_{name}({stranger})"
        allowed = action == "suspend"
        expected = None if allowed else f"PartnerRegistry_{name}({guardian})"
        assert office.refusal(action, office.guardian, **arguments) == expected


def test_every_refusal_of_a_partner_is_named(office: Office) -> None:
    partner, nobody = ("0x" + office.chain.web3.keccak(text=did).hex() for did in (DID, OTHER))
    assert office.refusal("admitPartner", did="", roles=1) == "PartnerRegistry_EmptyDid()"
    assert office.refusal("admitPartner", did=DID, roles=1) == f"PartnerRegistry_PartnerExists({partner})"
    for action in ("suspend", "reinstate"):
        assert office.refusal(action, did=OTHER) == f"PartnerRegistry_UnknownPartner({nobody})"
    assert office.refusal("reinstate", did=DID) == f"PartnerRegistry_NotSuspended({partner})"
    office.do("suspend", did=DID)
    assert office.refusal("suspend", did=DID) == f"PartnerRegistry_AlreadySuspended({partner})"


def test_every_refusal_of_a_key_is_named(office: Office) -> None:
    key, unknown, now = office.add_key(), lower(new_account()), office.now()
    adding = {"did": DID, "key": unknown, "custody": "partner", "valid_from": None, "valid_to": None}

    def refused(action: str, **arguments: Any) -> str:
        return (office.refusal(action, **arguments) or "").removeprefix("PartnerRegistry_")

    assert refused("addKey", **{**adding, "key": NOBODY}) == "ZeroAddress()"
    assert refused("addKey", **{**adding, "key": key}) == f"KeyExists({key})"
    assert refused("addKey", **{**adding, "valid_from": now - DAY}).startswith(f"StartInPast({now - DAY}, ")
    assert refused("addKey", **{**adding, "valid_to": now + DAY // 2}).startswith(f"EndTooSoon({now + DAY // 2}, ")
    start = now + 9 * DAY
    late = {**adding, "valid_from": start, "valid_to": start}
    assert refused("addKey", **late) == f"EndBeforeStart({start}, {start})"
    assert refused("endKey", key=unknown, valid_to=start) == f"UnknownKey({unknown})"
    assert refused("endKey", key=key, valid_to=now + 60).startswith("EndTooSoon(")
    assert refused("reportCompromised", key=key, since=0).startswith("CompromiseTime(0, ")
    assert refused("rotateOperator", key=key, successor=key) == f"OtherPartner({key}, {key})"
    office.do("reportCompromised", key=key, since=now - 5)
    assert refused("reportCompromised", key=key, since=now) == f"CompromiseTime({now}, {now - 6})"
    assert refused("rotateOperator", key=office.add_key(), successor=key) == f"NotOperator({key})"
    old, new = office.add_key(), office.add_key()
    office.do("rotateOperator", key=old, successor=new)
    assert refused("rotateOperator", key=old, successor=new) == f"AlreadyRotated({old}, {new})"


MALFORMED: list[tuple[str, str, Any]] = [
    *[("setGuardian", "guardian", value) for value in ("", "0x", "0x" + "1" * 39, "1" * 40, "0x" + "g" * 40, 5, b"1")],
    ("setGuardian", "guardian", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD".replace("5aA", "5AA")),
    ("endKey", "key", None),
    ("rotateOperator", "successor", None),
    *[("setRoles", "roles", value) for value in (-1, 512, True, 1.0, "1", None)],
    *[("admitPartner", "did", value) for value in (None, 7, b"did:web:x.example", "did:web:\ud800")],
    *[("addKey", "custody", value) for value in ("", "nobody", 1, None, [])],
    *[("addKey", name, value) for name in ("valid_from", "valid_to") for value in (-1, 2**64, "1", 1.5, True)],
    *[("endKey", "valid_to", value) for value in (None, "tomorrow", -1)],
    *[("reportCompromised", "since", value) for value in (None, 2**64)],
]


@pytest.mark.parametrize(("action", "name", "value"), MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_argument_is_named(office: Office, action: str, name: str, value: Any) -> None:
    arguments = {**arguments_of(office)[action], name: value}
    with pytest.raises(ValueError, match=f"^{name} "):
        office.registry.plan(action, arguments, lower(office.admin))


def test_missing_and_unknown_arguments_actions_and_senders_are_named(office: Office) -> None:
    plan, admin = office.registry.plan, lower(office.admin)
    with pytest.raises(ValueError, match=r"^roles is missing"):
        plan("setRoles", {"did": DID}, admin)
    with pytest.raises(ValueError, match=r"^role is no argument of setRoles"):
        plan("setRoles", {"did": DID, "roles": 1, "role": 1}, admin)
    with pytest.raises(ValueError, match=r"^action is one of admitPartner, "):
        plan("renounce", {}, admin)
    with pytest.raises(ValueError, match=r"^sender is not an address"):
        plan("suspend", {"did": DID}, "me")
    with pytest.raises(ValueError, match=r"^sender is nobody"):
        plan("suspend", {"did": DID}, NOBODY)


def test_none_withdraws_an_offer_and_removes_the_guardian(office: Office) -> None:
    office.do("setGuardian", guardian=lower(office.guardian))
    office.do("offerAdmin", successor=lower(office.successor))
    office.do("setGuardian", guardian=None)
    office.do("offerAdmin", successor=None)
    assert office.registry.administration() == Administration(lower(office.admin), None, None)


def test_sending_refuses_what_the_plan_says_is_refused_and_another_accounts_secret(office: Office) -> None:
    refused = office.registry.plan("reinstate", {"did": DID}, lower(office.admin))
    with pytest.raises(Refused, match="PartnerRegistry_NotSuspended"):
        office.registry.send(refused, bytes(office.admin.key))
    plan = office.registry.plan("suspend", {"did": DID}, lower(office.admin))
    with pytest.raises(ValueError, match="the secret is not that of 0x"):
        office.registry.send(plan, bytes(office.stranger.key))
    assert office.registry.partner(DID) == RegisteredPartner(DID, PRODUCER | OPERATOR, False)


def test_waiting_for_a_plan_that_failed_on_the_chain_gives_the_contracts_reason(office: Office) -> None:
    plan = office.registry.plan("suspend", {"did": DID}, lower(office.admin))
    office.registry.wait(office.registry.send(plan, bytes(office.admin.key)), WAIT)
    again = office.registry.send(plan, bytes(office.admin.key))
    with pytest.raises(Refused, match=r"^PartnerRegistry_AlreadySuspended\(0x"):
        office.registry.wait(again, WAIT)


def test_waiting_for_what_is_not_mined_ends_in_time(office: Office) -> None:
    started = time.monotonic()
    with pytest.raises(ChainUnreachable, match=r"is in no block after 0\.3 seconds"):
        office.registry.wait("0x" + "12" * 32, 0.3)
    assert time.monotonic() - started < 5


def test_an_account_without_money_is_refused_when_sending(office: Office) -> None:
    poor: LocalAccount = Account.create()
    office.do("setGuardian", guardian=lower(poor))
    plan = office.registry.plan("suspend", {"did": DID}, lower(poor))
    assert plan.refusal is None
    with pytest.raises(Refused, match=r"(?i)insufficient funds"):
        office.registry.send(plan, bytes(poor.key))


def test_many_changes_do_not_drive_the_price_up(office: Office) -> None:
    def paid(transaction: str) -> int:
        return int(office.chain.web3.eth.get_transaction_receipt(HexStr(transaction))["effectiveGasPrice"])

    first, *_, last = [paid(office.do(action, did=DID)) for _ in range(6) for action in ("suspend", "reinstate")]
    assert last <= first * 2
