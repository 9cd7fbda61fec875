"""The verdict beyond the vectors: it never raises, whatever it is given, and its words say what was found."""

import copy
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chain_service.verification.outcome import Outcome
from chain_service.verification.verdict import check

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "vectors.json").read_text())
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.from_regex(r"0x[0-9a-f]{0,70}", fullmatch=True),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FAST = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def places(value, here=()):
    """Every place in a JSON value."""
    yield here
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*here, key))


PLACES = {name: list(places(VECTORS["receipts"][name])) for name in ("shipping", "packing", "alarm", "waiting")}


def judged(world, receipt):
    return check(receipt, world.trust(), world.chain(), world.declarations(["declaration"]))


def sound(verdict):
    assert [made.number for made in verdict.checks] == [1, 2, 3, 4, 5, 6, 7]
    assert all(isinstance(made.outcome, Outcome) and made.code and made.reason for made in verdict.checks)
    assert verdict.holds == (not verdict.failed)
    json.dumps(verdict.as_json())
    assert "authentic" not in verdict.sentence.lower()
    return verdict


@FAST
@given(value=ANY_JSON)
def test_any_json_gets_a_verdict(world, value):
    assert not sound(judged(world, value)).holds


@FAST
@given(data=st.binary(max_size=200))
def test_any_bytes_get_a_verdict(world, data):
    assert not sound(judged(world, data)).holds


@settings(FAST, max_examples=400)
@given(data=st.data(), name=st.sampled_from(sorted(PLACES)))
def test_a_receipt_with_anything_anywhere_gets_a_verdict(world, data, name):
    receipt = copy.deepcopy(VECTORS["receipts"][name])
    *parents, last = data.draw(st.sampled_from(PLACES[name][1:]))
    place = receipt
    for key in parents:
        place = place[key]
    before = copy.deepcopy(receipt)
    place[last] = data.draw(ANY_JSON)
    verdict = sound(judged(world, receipt))
    covered = parents[:1] in (["event"], ["statement"], ["batch"], ["path"]) or last in (
        "event",
        "salt",
        "index",
        "path",
    )
    if covered and json.dumps(receipt) != json.dumps(before) and verdict.holds:
        # Only a spelling of the same value may pass: 0.0 for 0 and the like, inside the event.
        assert before == receipt


@FAST
@given(event=st.dictionaries(st.text(), ANY_JSON, max_size=5))
def test_an_event_of_anything_gets_a_verdict(world, event):
    assert 1 in sound(judged(world, {**VECTORS["receipts"]["shipping"], "event": event})).failed


def test_an_event_nested_too_deep_gets_a_verdict(world):
    deep = []
    for _ in range(100_000):
        deep = [deep]
    receipt = world.receipt("shipping")
    receipt["event"] = {**receipt["event"], "example:deep": deep}
    verdict = judged(world, receipt)
    assert {1} <= set(verdict.failed)
    while deep:  # taken apart level by level: the interpreter would recurse
        deep = deep.pop()


@pytest.mark.parametrize("answers", range(8))
def test_a_chain_that_stops_answering_fails_nothing(world, answers):
    chain = world.Unreachable(world.chain(), answers)
    verdict = sound(check(world.receipt("declaration"), world.trust(), chain, world.declarations([])))
    assert verdict.holds
    assert verdict.complete == (answers >= 5)


def test_sentence_of_a_proven_step_says_who_when_and_on_whose_word(world):
    verdict = judged(world, world.receipt("first"))
    assert verdict.complete
    for words in (
        "stated by did:web:dairy.example, sealed on 2026-10-30 00:00:00 UTC, and has not changed since",
        "The operator holds the signing key for the partner",
        "rest on the validators of the network vectors-0123456789abcdef",
        "this program read them at the node http://127.0.0.1:1",
        "not of the physical thing, and other steps may exist elsewhere",
    ):
        assert words in verdict.sentence


def test_sentence_of_an_altered_step_says_what_differs(world):
    receipt = world.receipt("first")
    receipt["event"]["disposition"] = "in_transit"
    verdict = judged(world, receipt)
    assert verdict.failed == (1, 2)
    assert verdict.sentence.startswith("This receipt does not hold. The event is not the one that was stated")
    assert "disposition" in verdict.sentence


def test_a_name_that_the_registry_does_not_confirm_is_not_repeated_as_the_signer(world):
    receipt = world.receipt("first")
    receipt["reporter"]["partner"] = "did:web:famous-brand.example"
    verdict = judged(world, receipt)
    assert verdict.complete
    assert verdict.partner is None
    assert verdict.sentence.startswith("This step was stated by a partner of the network, sealed")


def test_a_step_sealed_a_day_late_is_said_to_be_recorded_late(world):
    receipt = world.receipt("nothing named")
    assert "Recorded late: said to have happened on 1970-01-01" in judged(world, receipt).sentence


def test_the_receipts_own_network_is_compared_and_never_used(world):
    """A chain that the receipt's issuer made up, at the address and chain id that the receipt names."""
    trust = world.trust()
    elsewhere = replace(trust, network="elsewhere-0123456789abcdef", chain_id=5, anchor_log="0x" + "dd" * 20)
    asked = []

    class Spy(world.Simulator):
        def seal_of(self, operator, number):
            asked.append(number)
            return super().seal_of(operator, number)

    verdict = check(world.receipt("shipping"), elsewhere, Spy(VECTORS["chains"]["main"]))
    assert verdict.failed == (6,)
    assert asked == []


def test_a_waiting_receipt_of_another_network_fails_check_6(world):
    trust = replace(world.trust(), network="elsewhere-0123456789abcdef")
    verdict = check(world.receipt("waiting"), trust, world.chain())
    assert (verdict.failed, verdict.checks[5].code, verdict.waiting) == ((6,), "other_network", True)


@pytest.mark.parametrize(
    ("status", "roles", "failed"),
    [(0, 0, (4,)), (1, 0, (4,)), (1, 2, ()), (1, 4, ()), (2, 4, ()), (3, 0, ()), (5, 4, ())],
)
def test_a_waiting_receipt_of_an_unknown_key_or_one_without_a_role_fails_check_4(world, status, roles, failed):
    asked = []

    class Registry(world.Simulator):
        def status_at(self, address, at):
            asked.append(at)
            return replace(super().status_at(address, at), status=status, roles=roles)

    verdict = check(world.receipt("waiting"), world.trust(), Registry(VECTORS["chains"]["main"]), None, 1793500000)
    assert (verdict.failed, verdict.complete, asked) == (failed, False, [1793500000])


def test_a_waiting_receipt_is_not_judged_by_a_node_of_another_network(world):
    chain = world.Simulator({**VECTORS["chains"]["main"], "network": "elsewhere", "keys": []})
    assert check(world.receipt("waiting"), world.trust(), chain).holds
    assert check(world.receipt("waiting"), world.trust(), world.Unreachable()).holds
