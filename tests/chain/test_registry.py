"""PartnerRegistry as its administrator reads it: partners, keys, history and changes, after every kind of change."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chain_service.chain.client import Chain, ChainUnreachable, Refused
from chain_service.chain.contracts import artifact
from chain_service.chain.deployment import Administrator
from chain_service.chain.registry import Administration, RegisteredPartner, Registry
from chain_service.chain.registry_calls import NOBODY
from chain_service.local import _call
from tests.anchoring.ground import own_chain
from tests.chain.office import DAY, DID, OPERATOR, OTHER, PRODUCER, Office, lower
from tests.chain.proxy import proxied


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
