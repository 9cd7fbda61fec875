"""Who may see what, over HTTP and on both databases: passports, receipts and queries tell nobody more than is his."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any
from urllib.parse import quote

import pytest

from chain_service.db import writing
from chain_service.events import service
from chain_service.kit.digests import from_hex, to_hex
from chain_service.kit.merkle import root_from_path
from chain_service.partners.registry import following
from chain_service.partners.registry.standings import PartnerStanding
from chain_service.partners.roles import Role
from chain_service.verification.kept import Passports
from tests.events.documents import bare, declared_wrong, document, new_event
from tests.stage import Stage
from tests.verification.test_passports import describe, path_of

PRODUCT = {"kind": "product", "name": {"en": "A product"}}


def new_product() -> str:
    """A product that no other test describes, as a canonical name."""
    body = f"0952{secrets.randbelow(10**9):09d}"
    check = -sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return f"https://id.gs1.org/01/{body}{check % 10}"


def instance(product: str) -> str:
    return f"{product}/21/S{secrets.token_hex(5)}"


def container() -> str:
    body = f"09521{secrets.randbelow(10**12):012d}"
    check = -sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return f"https://id.gs1.org/00/{body}{check % 10}"


@pytest.fixture
def product(shared_stage: Stage) -> str:
    """A product of the brand's."""
    name = new_product()
    describe(shared_stage, name, shared_stage.brand, PRODUCT)
    return name


@pytest.fixture(scope="module")
def retailer(shared_stage: Stage) -> str:
    return shared_stage.add_partner(f"did:web:retailer-{secrets.token_hex(4)}.example", Role.LOGISTICS)


def state(stage: Stage, partner: str, visibility: str = "public", **event: Any) -> dict[str, Any]:
    """Captures one event and seals it."""
    said = new_event(**event)
    url = f"/epcis/capture?visibility={visibility}"
    answer = stage.client.post(url, content=document(said), headers=stage.headers(partner))
    assert answer.status_code == 202, answer.text
    job = stage.finished(answer.headers["Location"], partner)
    assert job["success"], job
    stage.seal()
    return said


def token(stage: Stage, reader: str | None) -> dict[str, str]:
    return {} if reader is None else {"Authorization": f"Bearer {stage.tokens[reader]}"}


def steps(stage: Stage, item: str, reader: str | None = None) -> list[str]:
    """What a passport shows: eventIDs, or the word for what it does not show."""
    stage.client.app.state.passports = Passports()  # what is kept for a second would be of before
    answer = stage.client.get(f"/v1/passports{path_of(item)}", headers=token(stage, reader))
    assert answer.status_code == 200, answer.text
    return [
        step["receipt"]["event"]["eventID"] if "receipt" in step else next(iter(step))
        for step in answer.json()["steps"]
    ]


def sees(stage: Stage, event: dict[str, Any], item: str, reader: str | None) -> bool:
    """Whether a reader may see an event; passport, receipt, event and query must agree."""
    event_id = quote(event["eventID"], safe="")
    headers = token(stage, reader)
    receipt = stage.client.get(f"/v1/receipts/{event_id}", headers=headers).status_code == 200
    one = stage.client.get(f"/epcis/events/{event_id}", headers=headers).status_code == 200
    found = stage.client.get(f"/epcis/events?EQ_eventID={event_id}", headers=headers).json()
    listed = bool(found["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
    shown = event["eventID"] in steps(stage, item, reader)
    assert receipt == one == listed == shown
    return shown


@contextmanager
def disclosed(stage: Stage, partner: str, defaults: dict[str, str], shares: list[str]) -> Iterator[None]:
    """While it lasts, an organisation's disclosure is this."""
    for content in ({"defaults": defaults, "sharesWith": shares}, None):
        body = content or {"defaults": {}, "sharesWith": []}
        answer = stage.client.put("/v1/disclosure", json=body, headers=token(stage, partner))
        assert answer.status_code == 200, answer.text
        if content:
            yield


def test_what_is_an_organisations_own_is_seen_by_it_alone(shared_stage: Stage, product: str) -> None:
    item = instance(product)
    event = state(shared_stage, shared_stage.carrier, "own", epcList=[item])
    assert sees(shared_stage, event, item, shared_stage.carrier)
    assert not sees(shared_stage, event, item, shared_stage.brand)
    assert not sees(shared_stage, event, item, None)
    assert steps(shared_stage, item) == ["undisclosed"]


def test_an_undisclosed_step_tells_its_leaf_hash_and_place_and_nothing_else(shared_stage: Stage, product: str) -> None:
    item = instance(product)
    event = state(shared_stage, shared_stage.brand, "own", epcList=[item])
    content = shared_stage.client.get(f"/v1/passports{path_of(item)}").json()
    (step,) = content["steps"]
    assert step.keys() == {"undisclosed"}
    told = step["undisclosed"]
    assert told.keys() == {"leafHash", "batch", "index", "path", "anchor"}
    path = [from_hex(sibling) for sibling in told["path"]]
    root = root_from_path(from_hex(told["leafHash"]), told["index"], told["batch"]["count"], path)
    assert root is not None
    assert to_hex(root) == told["batch"]["root"]
    assert content["partners"] == {}
    assert event["eventID"] not in str(content)
    assert event["readPoint"]["id"] not in content["names"]


def test_a_partner_of_the_journey_needs_both_to_take_part_and_to_be_shared_with(
    shared_stage: Stage, product: str, retailer: str
) -> None:
    item = instance(product)
    event = state(shared_stage, shared_stage.carrier, "partners", epcList=[item])
    with disclosed(shared_stage, shared_stage.carrier, {}, [retailer]):
        assert not sees(shared_stage, event, item, retailer), "it takes no part yet"
    state(shared_stage, retailer, epcList=[item], bizStep="receiving")
    assert not sees(shared_stage, event, item, retailer), "stating something about an item does not let anybody in"
    for owner in (shared_stage.carrier, shared_stage.brand):
        with disclosed(shared_stage, owner, {}, [retailer]):
            assert sees(shared_stage, event, item, retailer)
    assert sees(shared_stage, event, item, shared_stage.brand), "the brand of the item"
    assert not sees(shared_stage, event, item, None)


def test_a_brands_default_holds_for_its_products_and_a_reporter_can_only_narrow_it(
    shared_stage: Stage, product: str, retailer: str
) -> None:
    item, foreign = instance(product), instance(new_product())
    before = state(shared_stage, retailer, epcList=[item], bizStep="inspecting")
    with disclosed(shared_stage, shared_stage.brand, {"inspecting": "partners"}, []):
        event = state(shared_stage, retailer, "public", epcList=[item], bizStep="inspecting")
        other = state(shared_stage, retailer, epcList=[item], bizStep="receiving")
        elsewhere = state(shared_stage, retailer, epcList=[foreign], bizStep="inspecting")
        own = state(shared_stage, retailer, "own", epcList=[item], bizStep="inspecting")
        for hidden in (before, event, own):
            assert not sees(shared_stage, hidden, item, None)
        assert sees(shared_stage, event, item, shared_stage.brand)
        assert not sees(shared_stage, own, item, shared_stage.brand)
        assert sees(shared_stage, other, item, None)
        assert sees(shared_stage, elsewhere, foreign, None)
    for shown in (before, event):
        assert sees(shared_stage, shown, item, None), "a new default holds for what is stored"
    assert not sees(shared_stage, own, item, None)


def test_the_default_for_all_steps_gives_way_to_that_of_a_step(shared_stage: Stage, product: str) -> None:
    item = instance(product)
    with disclosed(shared_stage, shared_stage.brand, {"*": "own", "shipping": "public"}, []):
        hidden = state(shared_stage, shared_stage.brand, epcList=[item], bizStep="packing")
        shown = state(shared_stage, shared_stage.brand, epcList=[item], bizStep="shipping")
        assert not sees(shared_stage, hidden, item, None)
        assert sees(shared_stage, shown, item, None)


def test_a_reporter_narrows_later_and_takes_it_back(shared_stage: Stage, product: str) -> None:
    item = instance(product)
    event = state(shared_stage, shared_stage.carrier, epcList=[item])
    url = f"/v1/events/{quote(event['eventID'], safe='')}/visibility"
    for word, seen in (("own", False), ("public", True), ("partners", False)):
        answer = shared_stage.client.put(
            url, json={"visibility": word}, headers=token(shared_stage, shared_stage.carrier)
        )
        assert answer.json() == {"eventID": event["eventID"], "visibility": word}
        assert sees(shared_stage, event, item, None) == seen


def test_nobody_narrows_what_another_stated(shared_stage: Stage, product: str) -> None:
    item = instance(product)
    event = state(shared_stage, shared_stage.carrier, epcList=[item])
    url = f"/v1/events/{quote(event['eventID'], safe='')}/visibility"
    answer = shared_stage.client.put(url, json={"visibility": "own"}, headers=token(shared_stage, shared_stage.brand))
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (404, "no-such-event")
    assert sees(shared_stage, event, item, None)


@pytest.mark.parametrize("word", ["secret", "PUBLIC", "", None, 1])
def test_a_visibility_that_is_none_is_refused_by_name(shared_stage: Stage, word: Any) -> None:
    headers = token(shared_stage, shared_stage.brand)
    answer = shared_stage.client.put("/v1/events/urn%3Ax/visibility", json={"visibility": word}, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/visibility")
    if isinstance(word, str):
        url = f"/epcis/capture?visibility={word}"
        answer = shared_stage.client.post(url, content=b"{}", headers=shared_stage.headers())
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "visibility")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"defaults": {"shiping": "own"}}, "/defaults/shiping"),
        ({"defaults": {"shipping": "hidden"}}, "/defaults/shipping"),
        ({"sharesWith": ["did:web:nobody.example"]}, "/sharesWith"),
        ({"sharesWith": ["\0"]}, "/sharesWith"),
        ({"shares": []}, "/shares"),
        ({"sharesWith": [f"did:web:{n}.example" for n in range(501)]}, "/sharesWith"),
    ],
)
def test_a_disclosure_that_makes_no_sense_is_refused_and_changes_nothing(
    shared_stage: Stage, body: dict[str, Any], pointer: str
) -> None:
    headers = token(shared_stage, shared_stage.brand)
    with disclosed(shared_stage, shared_stage.brand, {"shipping": "partners"}, [shared_stage.carrier]):
        answer = shared_stage.client.put("/v1/disclosure", json=body, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
        kept = shared_stage.client.get("/v1/disclosure", headers=headers).json()
    assert kept == {
        "defaults": {"https://ref.gs1.org/cbv/BizStep-shipping": "partners"},
        "sharesWith": [shared_stage.carrier],
    }


def test_a_declaration_of_an_error_is_seen_by_who_may_see_the_event(shared_stage: Stage, product: str) -> None:
    item = instance(product)
    event = new_event(epcList=[item])
    for visibility, said in (("public", event), ("own", declared_wrong(event))):
        url = f"/epcis/capture?visibility={visibility}"
        answer = shared_stage.client.post(url, content=document(said), headers=shared_stage.headers())
        assert shared_stage.finished(answer.headers["Location"])["success"]
    shared_stage.seal()
    assert steps(shared_stage, item) == [event["eventID"]] * 2, "nobody hides that an event was declared wrong"
    assert shared_stage.client.get(f"/v1/receipts/{event['eventID']}?declaration=1").status_code == 200


def test_a_packing_that_is_not_shown_leads_to_no_container_and_an_unpacking_still_ends_it(
    shared_stage: Stage, product: str
) -> None:
    hidden, open_item, crate = instance(product), instance(product), container()

    def at(hour: int, **fields: Any) -> dict[str, Any]:
        return {"eventTime": f"2026-11-02T{hour:02d}:00:00Z", "eventTimeZoneOffset": "+00:00", **fields}

    def packing(hour: int, action: str, visibility: str, child: str) -> None:
        content = {"type": "AggregationEvent", "epcList": None, "parentID": crate, "childEPCs": [child]}
        state(shared_stage, shared_stage.brand, visibility, **at(hour, action=action, bizStep="packing", **content))

    packing(1, "ADD", "own", hidden)
    packing(1, "ADD", "public", open_item)
    inside = state(shared_stage, shared_stage.carrier, **at(2, epcList=[crate], bizStep="loading"))
    packing(3, "DELETE", "own", open_item)
    state(shared_stage, shared_stage.carrier, **at(4, epcList=[crate], bizStep="unloading"))
    assert steps(shared_stage, hidden) == ["undisclosed"]
    shown = steps(shared_stage, open_item)
    assert inside["eventID"] in shown
    assert len(shown) == 3, "what befell the crate after the unpacking is not the item's"
    assert len(steps(shared_stage, hidden, shared_stage.brand)) == 3


def test_what_a_shipment_holds_makes_its_brand_the_shipments_brand(shared_stage: Stage, product: str) -> None:
    item, crate = instance(product), container()
    packing = {"type": "AggregationEvent", "epcList": None, "parentID": crate, "childEPCs": [item], "action": "ADD"}
    state(shared_stage, shared_stage.brand, bizStep="packing", **packing)
    with disclosed(shared_stage, shared_stage.brand, {"loading": "partners"}, []):
        event = state(shared_stage, shared_stage.carrier, epcList=[crate], bizStep="loading")
        assert not sees(shared_stage, event, crate, None)
        assert sees(shared_stage, event, crate, shared_stage.brand)


def test_what_is_kept_for_everybody_is_made_for_nobody_in_particular(shared_stage: Stage, product: str) -> None:
    item = instance(product)
    event = state(shared_stage, shared_stage.brand, "own", epcList=[item])
    address = f"/v1/passports{path_of(item)}"
    for _ in range(2):
        own = shared_stage.client.get(address, headers=token(shared_stage, shared_stage.brand))
        assert event["eventID"] in own.text
        assert own.headers["Cache-Control"] == "private, no-store"
        everybody = shared_stage.client.get(address)
        assert event["eventID"] not in everybody.text
        assert "Authorization" in everybody.headers["Vary"]


@pytest.mark.parametrize(("of_event", "of_declaration"), [("own", "public"), ("public", "own")])
def test_a_declaration_stays_with_what_it_corrects_when_the_brand_changes_its_defaults(
    shared_stage: Stage, product: str, of_event: str, of_declaration: str
) -> None:
    event = state(shared_stage, shared_stage.brand, of_event, epcList=[instance(product)])
    state_again = f"/epcis/events?visibility={of_declaration}"
    body = bare(declared_wrong(event))
    answer = shared_stage.client.post(state_again, content=body, headers=shared_stage.headers())
    assert answer.status_code == 201, answer.text
    address = f"/v1/receipts/{quote(event['eventID'], safe='')}"
    with disclosed(shared_stage, shared_stage.brand, {}, []):
        told = [shared_stage.client.get(address + end).status_code for end in ("", "?declaration=1")]
    assert told == ([404, 404] if of_event == "own" else [200, 202])


def test_nobody_learns_by_a_declaration_what_others_stated_unseen(shared_stage: Stage) -> None:
    hidden, shown = (state(shared_stage, shared_stage.brand, visibility) for visibility in ("own", "public"))
    answers = [
        shared_stage.client.post(
            "/epcis/events", content=bare(declared_wrong(event)), headers=shared_stage.headers(shared_stage.carrier)
        )
        for event in (new_event(), hidden, shown)
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 403]


def test_erasing_tells_nobody_of_a_step_that_was_not_for_them(shared_stage: Stage) -> None:
    item = instance(new_product())
    event = state(shared_stage, shared_stage.carrier, "own", epcList=[item])
    address = f"/v1/events/{quote(event['eventID'], safe='')}"
    assert shared_stage.client.delete(address, headers=token(shared_stage, shared_stage.carrier)).status_code == 204
    assert steps(shared_stage, item) == ["undisclosed"]
    assert steps(shared_stage, item, shared_stage.brand) == ["undisclosed"]
    assert shared_stage.carrier not in shared_stage.client.get(f"/v1/passports{path_of(item)}").text
    assert steps(shared_stage, item, shared_stage.carrier) == ["erased"]


def test_what_is_captured_while_a_brand_changes_its_defaults_follows_the_new_ones(
    shared_stage: Stage, product: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = new_event(epcList=[instance(product)])
    judged, changed = Event(), Event()
    seen_by = service._seen_by

    def held(*given: Any) -> Any:
        found = seen_by(*given)
        judged.set()
        changed.wait(1)
        return found

    monkeypatch.setattr(service, "_seen_by", held)
    with ThreadPoolExecutor() as threads:
        headers = shared_stage.headers(shared_stage.carrier)
        captured = threads.submit(shared_stage.client.post, "/epcis/events", content=bare(event), headers=headers)
        assert judged.wait(10)
        with disclosed(shared_stage, shared_stage.brand, {"*": "own"}, []):
            changed.set()
            assert captured.result().status_code == 201
            answer = shared_stage.client.get(f"/epcis/events/{quote(event['eventID'], safe='')}")
            assert answer.status_code == 404


def test_who_packs_something_of_its_own_into_a_shipment_later_neither_sees_nor_decides(
    shared_stage: Stage, product: str
) -> None:
    """Else one packing of an item of his own would open a foreign shipment to anybody, or close it to everybody."""
    intruder = shared_stage.add_partner(f"did:web:intruder-{secrets.token_hex(4)}.example", Role.BRAND)
    own, crate = new_product(), container()
    describe(shared_stage, own, intruder, PRODUCT)

    def pack(partner: str, item: str) -> None:
        content = {"type": "AggregationEvent", "epcList": None, "parentID": crate, "childEPCs": [item], "action": "ADD"}
        state(shared_stage, partner, bizStep="packing", **content)

    pack(shared_stage.brand, instance(product))
    pack(intruder, instance(own))
    with disclosed(shared_stage, intruder, {"*": "own"}, []):
        private = state(shared_stage, shared_stage.carrier, "partners", epcList=[crate], bizStep="loading")
        public = state(shared_stage, shared_stage.carrier, epcList=[crate], bizStep="shipping")
        assert not sees(shared_stage, private, crate, intruder)
        assert sees(shared_stage, private, crate, shared_stage.brand)
        assert sees(shared_stage, public, crate, None)


def test_while_it_is_suspended_an_organisation_reads_what_everybody_reads(shared_stage: Stage, product: str) -> None:
    item = instance(product)
    event = state(shared_stage, shared_stage.brand, "own", epcList=[item])
    for suspended in (True, False):
        with writing(shared_stage.engine) as connection:
            standing = {shared_stage.brand: PartnerStanding(int(Role.BRAND | Role.PRODUCER), suspended)}
            assert following.follow(connection, standing, {}, admit=False) == [shared_stage.brand]
        assert sees(shared_stage, event, item, shared_stage.brand) is not suspended
