"""Posting in the short form: stored, signed and sealed; wrong input is refused by name and nothing of it is stored."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chain_service.kit import clock
from chain_service.partners.roles import Role
from tests.events.milestones.posting import (
    GLN,
    PLACE,
    codes,
    describe,
    made,
    milestone,
    new_gtin,
    new_sscc,
    post,
)
from tests.stage import Stage


def measured(kind: str, value: Any, uom: str) -> dict[str, Any]:
    return {"measurements": [{"type": kind, "value": value, "uom": uom}]}


def expected(place: str) -> dict[str, Any]:
    return {"expected": {"step": "delivered", "by": "2027-01-01T00:00:00Z", "place": place}}


def listed(stage: Stage, partner: str | None = None, **query: Any) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {stage.tokens[partner or stage.carrier]}"}
    answer = stage.client.get("/v1/milestones", headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["milestones"])


def test_a_milestone_is_stored_signed_and_sealed(stage: Stage) -> None:
    item = made(stage)
    answer = post(stage, milestone(item, note="Seal intact"))
    assert answer.status_code == 202, answer.text
    (event_id,) = answer.json()["eventIDs"]
    assert len(answer.json()["promise"]["statements"]) == 1
    (waiting,) = listed(stage)
    assert (waiting["eventID"], waiting["sealed"]) == (event_id, False)
    stage.seal()
    receipt = stage.receipt(event_id)
    assert receipt["statement"]["step"] == "https://ref.gs1.org/cbv/BizStep-arriving"
    assert receipt["statement"]["place"] == PLACE
    (sealed,) = listed(stage)
    assert sealed["sealed"] is True
    assert (sealed["step"], sealed["items"], sealed["note"]) == ("arrived", [item], "Seal intact")
    assert stage.client.get(f"/v1/passports/{item.removeprefix('https://id.gs1.org/')}").json()["steps"][-1]


@pytest.mark.parametrize(
    ("form", "named"),
    [
        ({"items": ["nonsense"]}, ("/items/0", "malformed-item")),
        ({"items": ["(01)09521101100106"]}, ("/items/0", "malformed-item")),
        ({"items": [7]}, ("/items/0", "malformed-item")),
        ({"items": "x"}, ("/items", "malformed-item")),
        ({"items": [GLN, "(414)9521321000018"]}, ("/items/1", "malformed-item")),
        ({"items": []}, ("/items", "missing")),
        ({"items": ["x"] * 1001}, ("/items", "too-many-items")),
        ({"step": "teleported"}, ("/step", "unknown-step")),
        ({"step": None}, ("/step", "missing")),
        ({"step": ["arrived"]}, ("/step", "unknown-step")),
        ({"step": "packed"}, ("/shipment", "step-needs-shipment")),
        ({"place": None}, ("/place", "missing")),
        ({"place": "Gate 4"}, ("/place", "unknown-place")),
        ({"place": "9521321000019"}, ("/place", "unknown-place")),
        ({"place": "geo:91,0"}, ("/place", "unknown-place")),
        ({"place": None, "site": "gate-4"}, ("/site", "unknown-place")),
        ({"place": "x" * 1025}, ("/place", "too-long")),
        ({"time": "yesterday"}, ("/time", "malformed-time")),
        ({"time": "2026-11-25T08:00:00"}, ("/time", "malformed-time")),
        ({"time": 7}, ("/time", "malformed-time")),
        ({"time": "1969-12-31T23:59:59Z"}, ("/time", "too-old-time")),
        ({"time": clock.iso(clock.now_ms() + 3_600_000)}, ("/time", "future-time")),
        (measured("Mood", 1, "CEL"), ("/measurements/0/type", "unknown-measurement-type")),
        (measured("Temperature", 1e9, "CEL"), ("/measurements/0/value", "implausible-value")),
        (measured("Temperature", "4", "CEL"), ("/measurements/0/value", "malformed-value")),
        (measured("Temperature", True, "CEL"), ("/measurements/0/value", "malformed-value")),
        (measured("Temperature", 4, "C"), ("/measurements/0/uom", "unknown-unit")),
        ({"measurements": [{"type": "Temperature", "value": 4}]}, ("/measurements/0/uom", "missing")),
        ({"measurements": [4]}, ("/measurements/0", "malformed-value")),
        ({"measurements": [{}] * 51}, ("/measurements", "too-long")),
        ({"documents": [{"name": "CMR", "sha256": "xyz"}]}, ("/documents/0/sha256", "malformed-sha256")),
        ({"documents": [{"name": "CMR"}]}, ("/documents/0/sha256", "missing")),
        ({"documents": [{"name": "x" * 201, "sha256": "ab" * 32}]}, ("/documents/0/name", "too-long")),
        ({"note": "x" * 2001}, ("/note", "too-long")),
        ({"note": "bell\x07"}, ("/note", "malformed-value")),
        ({"colour": "red"}, ("/colour", "unknown-member")),
        ({"expected": {"step": "delivered"}}, ("/expected/by", "missing")),
        ({"expected": {"step": "flown", "by": "2026-11-27T18:00:00Z"}}, ("/expected/step", "unknown-step")),
        ({"expected": {"step": "delivered", "by": "soon"}}, ("/expected/by", "malformed-time")),
        (expected("?"), ("/expected/place", "unknown-place")),
        ({"repeat": "yes"}, ("/repeat", "malformed-value")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place_and_code(
    shared_stage: Stage, form: dict[str, Any], named: tuple[str, str]
) -> None:
    answer = post(shared_stage, {**milestone(known_item(shared_stage)), **form})
    assert answer.status_code == 422, answer.text
    assert named in codes(answer)
    assert all(error["detail"] for error in answer.json()["errors"])


_items: dict[str, str] = {}


def known_item(stage: Stage) -> str:
    """One item for all tests of a stage that only need some item."""
    if stage.brand not in _items:
        _items[stage.brand] = made(stage)
    return _items[stage.brand]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"7", b"null", b'{"items": 1e999}', b'{"step": "a", "step": "b"}', b"\xff"]
)
def test_what_is_no_milestone_at_all_is_refused(shared_stage: Stage, body: bytes) -> None:
    headers = {
        "Authorization": f"Bearer {shared_stage.tokens[shared_stage.carrier]}",
        "Content-Type": "application/json",
    }
    answer = shared_stage.client.post("/v1/milestones", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_item_that_nobody_knows_is_refused_by_name(shared_stage: Stage) -> None:
    item = f"https://id.gs1.org/01/{new_gtin()}/21/A1"
    answer = post(shared_stage, milestone(known_item(shared_stage), item))
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/unknown-item")
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"], error["values"]) == ("/items/1", "unknown-item", {"item": item})
    assert listed(shared_stage, q=item) == []


def test_who_makes_an_item_names_it_for_the_first_time(shared_stage: Stage) -> None:
    item = f"https://id.gs1.org/01/{new_gtin()}/21/A1"
    assert post(shared_stage, milestone(item, step="made"), shared_stage.brand).status_code == 202
    assert post(shared_stage, milestone(item)).status_code == 202


def test_another_brands_product_is_not_made_by_who_is_no_producer(shared_stage: Stage) -> None:
    describe(shared_stage, gtin := new_gtin())
    other = shared_stage.add_partner(f"did:web:other-{gtin}.example", Role.BRAND)
    item = f"https://id.gs1.org/01/{gtin}/21/A1"
    answer = post(shared_stage, milestone(item, step="made"), other)
    assert (answer.status_code, codes(answer)) == (422, [("/items/0", "foreign-item")])
    producer = shared_stage.add_partner(f"did:web:producer-{gtin}.example", Role.PRODUCER)
    assert post(shared_stage, milestone(item, step="made"), producer).status_code == 202


def test_a_step_that_the_role_does_not_allow_is_refused(shared_stage: Stage) -> None:
    answer = post(shared_stage, milestone(known_item(shared_stage), step="sold"))
    assert (answer.status_code, codes(answer)) == (403, [("/step", "role-may-not-state")])
    assert answer.json()["type"].endswith("/role-may-not-state")


def test_what_is_recalled_goes_no_further_but_may_come_back(stage: Stage) -> None:
    item, other = made(stage), made(stage)
    stage.client.app.state.recalled = lambda connection, vault, names: {item} & set(names)  # type: ignore[attr-defined]
    answer = post(stage, milestone(other, item, step="shipped"))
    assert (answer.status_code, codes(answer)) == (422, [("/items/1", "recalled-item")])
    assert post(stage, milestone(other, step="shipped")).status_code == 202
    for key in (None, "k"):
        answer = post(stage, milestone(item, step="returned", repeat=True), key=key)
        assert answer.status_code == 202
        assert [(w["pointer"], w["code"]) for w in answer.json()["warnings"]] == [("/items/0", "recalled-item")]
    again = post(stage, milestone(item, step="returned", repeat=True), key="k")
    assert again.json() == answer.json()


def test_a_shipment_is_packed_and_unpacked_in_one_call_each(shared_stage: Stage) -> None:
    first, second, sscc = made(shared_stage), made(shared_stage), new_sscc()
    packed = post(shared_stage, milestone(first, second, step="packed", shipment=f"(00){sscc}"))
    assert packed.status_code == 202, packed.text
    (row,) = listed(shared_stage, q=sscc)
    assert row["items"] == [f"https://id.gs1.org/00/{sscc}", first, second]
    assert post(shared_stage, milestone(f"]C100{sscc}", step="departed")).status_code == 202
    out = post(shared_stage, {"step": "unpacked", "shipment": sscc, "place": GLN})
    assert out.status_code == 202, out.text
    passport = shared_stage.client.get(f"/v1/passports/{first.removeprefix('https://id.gs1.org/')}").json()
    assert "departing" in str(passport)
    nothing = post(shared_stage, {"step": "packed", "shipment": sscc, "place": GLN})
    assert codes(nothing) == [("/items", "missing")]


def test_a_shipment_that_is_not_packed_is_one_more_item(shared_stage: Stage) -> None:
    item, sscc = made(shared_stage), new_sscc()
    assert codes(post(shared_stage, milestone(item, shipment=sscc))) == [("/shipment", "unknown-item")]
    assert post(shared_stage, milestone(item, step="packed", shipment=sscc)).status_code == 202
    assert post(shared_stage, {**milestone(shipment=sscc), "items": None}).status_code == 202


def test_the_same_key_answers_the_same_again_and_stores_nothing_twice(shared_stage: Stage) -> None:
    item = made(shared_stage)
    form = milestone(item)
    first = post(shared_stage, form, key="truck 7, stop 3")
    assert first.status_code == 202
    again = post(shared_stage, form, key="truck 7, stop 3")
    assert (again.status_code, again.json()) == (202, first.json())
    assert len(listed(shared_stage, q=item)) == 1
    other = post(shared_stage, milestone(item, step="unloaded"), key="truck 7, stop 3")
    assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (422, "idempotency-key-reused")
    narrower = post(shared_stage, form, key="truck 7, stop 3", visibility="own")
    assert narrower.status_code == 422
    of_another = post(shared_stage, form, shared_stage.brand, key="truck 7, stop 3")
    assert of_another.status_code == 202
    assert of_another.json()["eventIDs"] != first.json()["eventIDs"]


def test_what_was_refused_does_not_use_up_its_key(shared_stage: Stage) -> None:
    item = f"https://id.gs1.org/01/{new_gtin()}/21/A1"
    form = milestone(item)
    assert post(shared_stage, form, key="early").status_code == 422
    assert post(shared_stage, milestone(item, step="made"), shared_stage.brand).status_code == 202
    assert post(shared_stage, form, key="early").status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there"])
def test_an_ill_formed_key_is_refused(shared_stage: Stage, key: str) -> None:
    answer = post(shared_stage, milestone(known_item(shared_stage)), key=key)
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "Idempotency-Key")


def test_one_key_at_the_same_moment_stores_once(shared_stage: Stage) -> None:
    item = made(shared_stage)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(shared_stage, milestone(item), key="at once"), range(8)))
    done = [answer.json()["eventIDs"] for answer in answers if answer.status_code == 202]
    refused = [answer.json()["type"].rpartition("/")[2] for answer in answers if answer.status_code != 202]
    assert done
    assert all(each == done[0] for each in done)
    assert set(refused) <= {"idempotency-key-in-use"}
    assert len(listed(shared_stage, q=item)) == 1


def test_a_key_that_is_being_worked_on_is_refused(shared_stage: Stage) -> None:
    item = made(shared_stage)
    with shared_stage.client.app.state.milestone_keys.hold(shared_stage.carrier, "busy"):  # type: ignore[attr-defined]
        answer = post(shared_stage, milestone(item), key="busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (409, "1")
    assert answer.json()["type"].endswith("/idempotency-key-in-use")
    assert post(shared_stage, milestone(item), key="busy").status_code == 202


@pytest.mark.parametrize("keys", [(None, None), ("one phone", "another phone")])
def test_the_same_from_two_phones_is_posted_once(shared_stage: Stage, keys: tuple[str | None, str | None]) -> None:
    first, second = made(shared_stage), made(shared_stage)
    before = post(shared_stage, milestone(first, second), key=keys[0] and keys[0] + first)
    again = post(shared_stage, milestone(second, first), key=keys[1] and keys[1] + first)
    assert (again.status_code, codes(again)) == (409, [("", "already-posted")])
    assert again.json()["errors"][0]["values"] == {"eventID": before.json()["eventIDs"][0]}
    assert post(shared_stage, milestone(first, second, repeat=True)).status_code == 202


def test_what_differs_is_not_taken_for_the_same(shared_stage: Stage) -> None:
    first, second = made(shared_stage), made(shared_stage)
    now = clock.now_ms()
    assert post(shared_stage, milestone(first, time=clock.iso(now - 3_600_000))).status_code == 202
    others = [
        milestone(first),  # an hour later
        milestone(first, second),
        milestone(first, place="geo:1,2"),
        milestone(first, step="inspected"),
        milestone(first, step="customs_cleared"),  # the same in the CBV
        milestone(first, step="measured", measurements=[{"type": "Temperature", "value": 4, "uom": "CEL"}]),
        milestone(first, step="measured", measurements=[{"type": "Temperature", "value": 5, "uom": "CEL"}]),
    ]
    assert [post(shared_stage, form).status_code for form in others] == [202] * len(others)
    assert post(shared_stage, milestone(first), shared_stage.brand).status_code == 202


def test_a_prepared_milestone_is_what_would_be_stored(shared_stage: Stage) -> None:
    form = milestone(made(shared_stage), time="2026-11-20T08:00:00+08:00")
    answer = post(shared_stage, form, key="own key", address="/prepare")
    assert answer.status_code == 200, answer.text
    (event,) = answer.json()["events"]
    assert (event["bizStep"], event["eventTime"]) == ("arriving", "2026-11-20T08:00:00+08:00")
    assert listed(shared_stage, q=event["eventID"]) == []
    stored = post(shared_stage, form, key="own key").json()["eventIDs"]
    assert stored == [event["eventID"]]
    assert codes(post(shared_stage, {**form, "items": ["x"]}, address="/prepare")) == [("/items/0", "malformed-item")]


def test_the_steps_are_told_to_everybody(shared_stage: Stage) -> None:
    steps = {step["step"]: step for step in shared_stage.client.get("/v1/steps").json()["steps"]}
    assert steps["packed"]["needsShipment"] is True
    assert steps["made"]["creates"] is True
    assert steps["sold"]["roles"] == ["brand", "producer"]
    assert "customs" in steps["customs_held"]["roles"]
    assert all(step["name"]["en"] and step["name"]["zh"] for step in steps.values())


def test_the_list_shows_only_ones_own_and_pages(shared_stage: Stage) -> None:
    item = made(shared_stage)
    for step in ("arrived", "unloaded", "received"):
        assert post(shared_stage, milestone(item, step=step)).status_code == 202
    assert post(shared_stage, milestone(item, step="inspected"), shared_stage.brand).status_code == 202
    assert [row["step"] for row in listed(shared_stage, q=item)] == ["received", "unloaded", "arrived"]
    headers = {"Authorization": f"Bearer {shared_stage.tokens[shared_stage.carrier]}"}
    page = shared_stage.client.get("/v1/milestones", headers=headers, params={"q": item, "limit": 2}).json()
    rest = listed(shared_stage, q=item, limit=2, after=page["next"])
    assert [row["step"] for row in [*page["milestones"], *rest]] == ["received", "unloaded", "arrived"]
    assert {row["step"] for row in listed(shared_stage, q="Unloaded")} == {"unloaded"}
    assert listed(shared_stage, q="no such thing") == []
