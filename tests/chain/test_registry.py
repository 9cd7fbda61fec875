"""PartnerRegistry through the administrator's door: plans and their refusals, sending, keys, history and changes."""

import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from chain_service.chain.client import Chain, ChainUnreachable, Refused
from chain_service.chain.contracts import artifact
from chain_service.chain.deployment import Administrator
from chain_service.chain.registry import Administration, RegisteredPartner, Registry
from chain_service.chain.registry_calls import ACTIONS, NOBODY
from chain_service.local import _call, fund
from chain_service.settings import Network
from tests.anchoring.ground import own_chain
from tests.chain.proxy import proxied
from tests.stage import new_account

DAY = 86_400
DID, OTHER = "did:web:farm.example", "did:web:port.example"
PRODUCER, OPERATOR = 2, 128
WAIT = 20


def lower(account: LocalAccount) -> str:
    return str(account.address).lower()


class Office:
    """A registry of its own on a chain, with the accounts of an admin, a guardian, a successor and a stranger."""

    def __init__(self, rpc: str) -> None:
        self.rpc = rpc
        self.admin, self.guardian, self.successor, self.stranger = (new_account() for _ in range(4))
        for account in (self.admin, self.guardian, self.successor, self.stranger):
            fund(rpc, account.address, 10**19)
        deployer = Administrator(rpc, bytes(self.admin.key))
        self.network: Network = deployer.deploy(f"test-{secrets.token_hex(8)}")
        self.chain = Chain(self.network)
        self.registry = Registry(self.chain)

    def now(self) -> int:
        return self.chain.head().time

    def refusal(self, action: str, sender: LocalAccount | None = None, **arguments: Any) -> str | None:
        return self.registry.plan(action, arguments, lower(sender or self.admin)).refusal

    def do(self, action: str, sender: LocalAccount | None = None, **arguments: Any) -> str:
        """Plans, sends and waits; returns the transaction's hash."""
        account = sender or self.admin
        plan = self.registry.plan(action, arguments, lower(account))
        assert (plan.refusal, plan.action) == (None, action)
        assert plan.gas is not None
        assert plan.to == self.network.contracts["PartnerRegistry"].lower()
        transaction = self.registry.send(plan, bytes(account.key))
        self.registry.wait(transaction, WAIT)
        return transaction

    def add_key(self, did: str = DID, **changed: Any) -> str:
        """Adds a new key; returns its address."""
        key = lower(new_account())
        self.do("addKey", did=did, key=key, **{"custody": "partner", "valid_from": None, "valid_to": None, **changed})
        return key


@pytest.fixture
def office(anvil: str) -> Office:
    made = Office(anvil)
    made.do("admitPartner", did=DID, roles=PRODUCER | OPERATOR)
    return made


@pytest.fixture(scope="module")
def ganache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with own_chain(tmp_path_factory.mktemp("ganache"), "ganache") as chain:
        yield chain.rpc


def journey(office: Office) -> None:
    """Every action once, each with what can be read of it afterwards."""
    registry, admin, guardian = office.registry, lower(office.admin), lower(office.guardian)
    assert registry.partner(DID) is None
    office.do("admitPartner", did=DID, roles=PRODUCER | OPERATOR)
    assert registry.partner(DID) == RegisteredPartner(DID, PRODUCER | OPERATOR, False)
    office.do("setRoles", did=DID, roles=OPERATOR)
    assert registry.administration() == Administration(admin, None, None)
    office.do("setGuardian", guardian=office.guardian.address)
    assert registry.administration() == Administration(admin, None, guardian)
    office.do("suspend", office.guardian, did=DID)
    assert registry.partner(DID) == RegisteredPartner(DID, OPERATOR, True)
    office.do("reinstate", did=DID)
    assert registry.partner(DID) == RegisteredPartner(DID, OPERATOR, False)

    start, end = office.now() + 3 * DAY, office.now() + 9 * DAY
    first, second = office.add_key(custody="operator"), office.add_key()
    later = office.add_key(valid_from=start, valid_to=end)
    office.do("endKey", key=first, valid_to=end)
    office.do("endKey", key=first, valid_to=end - 5)
    stolen = office.now()
    office.do("rotateOperator", key=first, successor=second)
    third = office.add_key()
    office.do("reportCompromised", key=third, since=stolen)
    keys = {key.address: key for key in registry.keys_of(DID)}
    assert list(keys) == [first, second, later, third]
    assert [key.custody for key in keys.values()] == ["operator", "partner", "partner", "partner"]
    assert [key.status for key in keys.values()] == ["good", "good", "not_yet_valid", "compromised"]
    assert [key.is_operator for key in keys.values()] == [False, True, False, False]
    assert [key.rotated_to for key in keys.values()] == [second, None, None, None]
    assert [key.compromised_at for key in keys.values()] == [None, None, None, stolen]
    assert [key.valid_to for key in keys.values()] == [end - 5, None, end, None]
    assert (keys[later].valid_from, keys[second].valid_from <= office.now()) == (start, True)
    assert office.refusal("suspend", office.stranger, did=DID) == (
        f"PartnerRegistry_NotAdminOrGuardian({lower(office.stranger)})"
    )

    office.do("offerAdmin", successor=lower(office.successor))
    assert registry.administration() == Administration(admin, lower(office.successor), guardian)
    office.do("acceptAdmin", office.successor)
    assert registry.administration() == Administration(lower(office.successor), None, guardian)
    names = [change.name for change in registry.history(DID)]
    assert names == [
        "PartnerAdmitted", "RolesSet", "PartnerSuspended", "PartnerReinstated", "KeyAdded", "KeyAdded", "KeyAdded",
        "KeyEndPlanned", "KeyEndPlanned", "OperatorRotated", "KeyAdded", "KeyCompromised",
    ]  # fmt: skip


def test_every_action_can_be_planned_sent_and_read_on_anvil(anvil: str) -> None:
    journey(Office(anvil))


def test_every_action_can_be_planned_sent_and_read_on_ganache(ganache: str) -> None:
    journey(Office(ganache))


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


def test_a_key_past_its_end_has_ended_and_moves_no_more(tmp_path: Path) -> None:
    with own_chain(tmp_path) as chain:
        office = Office(chain.rpc)
        office.do("admitPartner", did=DID, roles=PRODUCER)
        end = office.now() + DAY + 60
        key = office.add_key(valid_to=end)
        chain.ask("evm_increaseTime", DAY + 120)
        chain.mine()
        assert [found.status for found in office.registry.keys_of(DID)] == ["ended"]
        refusal = office.refusal("endKey", key=key, valid_to=office.now() + 9 * DAY)
        assert refusal == f"PartnerRegistry_KeyEnded({key}, {end})"


def test_keys_of_a_suspended_partner_are_suspended_and_no_operators(office: Office) -> None:
    office.add_key()
    office.do("suspend", did=DID)
    (key,) = office.registry.keys_of(DID)
    assert (key.status, key.is_operator) == ("suspended", False)


def test_keys_of_a_partner_are_those_of_no_other(office: Office) -> None:
    office.do("admitPartner", did=OTHER, roles=4)
    key, other = office.add_key(), office.add_key(OTHER)
    assert [found.address for found in office.registry.keys_of(DID)] == [key]
    assert [found.address for found in office.registry.keys_of(OTHER)] == [other]
    assert office.registry.keys_of("did:web:nobody.example") == []
    assert office.registry.history("did:web:nobody.example") == []


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


def test_a_registry_of_before_the_guardian_has_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    selector = office.chain.registry.encode_abi("guardian")[2:]
    bytecode = artifact("PartnerRegistry")["bytecode"]
    former = bytecode.replace(f"63{selector}", f"63{int(selector, 16) + 1:08x}")  # PUSH4 of the dispatch
    assert former != bytecode
    monkeypatch.setitem(artifact("PartnerRegistry"), "bytecode", former)
    older = Office(office.rpc)
    assert older.registry.administration() == Administration(lower(older.admin), None, None)


def test_changes_are_all_after_a_block_with_the_dids_they_concern(office: Office) -> None:
    before = office.chain.head().number
    assert office.registry.changes(before) == []
    key = office.add_key()
    middle = office.chain.head().number
    office.do("setGuardian", guardian=office.guardian.address)
    office.do("admitPartner", did=OTHER, roles=4)
    last = office.do("suspend", office.guardian, did=OTHER)
    afresh = Registry(office.chain)  # knows no DID yet
    added, named, admitted, suspended = afresh.changes(before)
    partner = "0x" + office.chain.web3.keccak(text=DID).hex()
    assert (added.name, added.did, added.block) == ("KeyAdded", DID, middle)
    assert added.arguments == {
        "partner": partner, "key": key, "custody": 1, "validFrom": added.time, "validTo": 0,
    }  # fmt: skip
    assert named.did is None
    assert named.arguments == {"former": NOBODY, "successor": lower(office.guardian)}
    assert (admitted.did, admitted.arguments["did"], admitted.arguments["roles"]) == (OTHER, OTHER, 4)
    assert (suspended.name, suspended.did, suspended.transaction) == ("PartnerSuspended", OTHER, last)
    assert suspended.time == office.now()
    assert afresh.changes(middle) == [named, admitted, suspended]
    assert afresh.changes(before, up_to=middle) == [added]
    assert [change.name for change in afresh.changes(-1)][:2] == ["AdminChanged", "PartnerAdmitted"]
    assert office.registry.history(OTHER) == [admitted, suspended]


def test_history_of_a_partner_is_asked_for_in_one_call_of_logs(office: Office) -> None:
    office.add_key()
    with proxied(office.rpc) as proxy:
        registry = Registry(Chain(office.network.model_copy(update={"rpc": proxy.rpc})))
        assert [change.did for change in registry.history(DID)] == [DID, DID]
        assert proxy.methods.count("eth_getLogs") == 1


def test_a_did_that_is_no_text_does_not_keep_changes_from_being_read(office: Office) -> None:
    data = office.chain.registry.encode_abi("admitPartner", args=["did:web:XX.example", 1])
    garbled = data.replace(b"XX".hex(), "fffe")
    account = Administrator(office.rpc, bytes(office.admin.key))
    account._send_transaction({"to": office.chain.registry.address, "data": garbled, "gas": 300_000})
    assert [change.did for change in office.registry.changes(-1)][-1] == "did:web:��.example"


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


GARBAGE = [b"", b"null", b'{"jsonrpc":"2.0","id":1,"result":"0x"}', b'{"jsonrpc":"2.0","id":1,"result":[{}]}']


@pytest.mark.parametrize("answer", GARBAGE, ids=range(len(GARBAGE)))
def test_every_answer_that_makes_no_sense_is_one_kind_of_error(office: Office, answer: bytes) -> None:
    with proxied(office.rpc) as proxy:
        registry = Registry(Chain(office.network.model_copy(update={"rpc": proxy.rpc})))
        proxy.answer = answer
        asks: list[Callable[[], object]] = [
            registry.administration,
            lambda: registry.partner(DID),
            lambda: registry.keys_of(DID),
            lambda: registry.history(DID),
            lambda: registry.changes(0, up_to=5),
            lambda: registry.wait("0x" + "12" * 32, 0.2),
        ]
        for ask in asks:
            with pytest.raises((ChainUnreachable, Refused)):
                ask()


def test_a_time_that_the_newest_block_has_not_reached_counts_as_ours_does(office: Office) -> None:
    """An idle chain's newest block lies behind: a key that begins meanwhile is good, as for captures."""
    key = office.add_key(valid_from=office.now() + 2)
    deadline = time.monotonic() + 10
    head = office.chain.head().number
    while office.registry.keys_of(DID)[0].status != "good":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert office.chain.head().number == head
    assert _call(office.rpc, "eth_blockNumber", []) == hex(head)
    assert office.registry.keys_of(DID)[0].address == key
