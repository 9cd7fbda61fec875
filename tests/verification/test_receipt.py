"""The shape of receipts: what is built is read back, what is ill-formed is named in full."""

import json
from dataclasses import replace

import pytest

from chain_service.verification import shape
from chain_service.verification.receipt import IllFormedReceipt, build, parse, read


@pytest.mark.parametrize("name", ["shipping", "first", "waiting", "words of others"])
def test_building_a_parsed_receipt_gives_the_same_json(world, name):
    value = world.receipt(name)
    assert build(parse(value)) == value
    assert list(build(parse(value))) == list(value)
    assert read(json.dumps(value).encode()) == parse(value)


def test_building_an_ill_formed_receipt_raises_ill_formed_receipt(world):
    receipt = parse(world.receipt("shipping"))
    with pytest.raises(IllFormedReceipt, match="/salt"):
        build(replace(receipt, salt=b"short"))
    with pytest.raises(IllFormedReceipt, match="/reporter/address"):
        build(replace(receipt, reporter=replace(receipt.reporter, address="0x" + "AB" * 20)))


def test_all_problems_are_named_at_once(world):
    value = world.receipt("shipping")
    del value["salt"]
    value["surplus"] = 1
    value["statement"]["flags"] = -1
    value["batch"]["count"] = True
    value["anchor"]["a/b~c"] = None
    value["index"] = None
    with pytest.raises(IllFormedReceipt) as caught:
        parse(value)
    assert {problem.pointer: problem.check for problem in caught.value.problems} == {
        "/salt": 1,
        "/surplus": 1,
        "/statement/flags": 2,
        "/batch/count": 5,
        "/anchor/a~1b~0c": 6,
        "/index": 5,
    }


@pytest.mark.parametrize("value", [None, 1, "receipt", [], True, 0.5])
def test_what_is_no_object_is_no_receipt(value):
    assert [(p.pointer, p.check) for p in shape.problems(value)] == [("", 1)]


def test_a_receipt_is_either_sealed_in_full_or_waits_in_full(world):
    sealed, waiting = world.receipt("shipping"), world.receipt("waiting")
    for name in ("batch", "index", "path", "anchor"):
        assert [p.pointer for p in shape.problems({**sealed, name: None})] == [f"/{name}"]
        others = {"batch", "index", "path", "anchor"} - {name}
        assert {p.pointer for p in shape.problems({**waiting, name: sealed[name]})} == {f"/{other}" for other in others}
