"""Master data and labels over HTTP, on both databases."""

import json
import secrets
import threading
from typing import Any

import pytest

from chain_service.db import writing
from chain_service.items import service
from chain_service.items.schemas import Description
from chain_service.kit.gs1 import check_digit
from chain_service.partners.roles import Role
from tests.events.documents import new_item
from tests.stage import Stage

LAMP = {"kind": "product", "name": {"en": "Lamp", "zh": "灯"}}
PLACE = {
    "kind": "place",
    "name": {"en": "Port"},
    "city": {"en": "Shanghai", "zh": "上海"},
    "country": "CN",
    "geo": [31.2, 121.5],
}


def address(name: str) -> str:
    return f"/v1/items{name.removeprefix('https://id.gs1.org')}"


def put(stage: Stage, name: str, content: Any, partner: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {stage.tokens[partner or stage.brand]}", "Content-Type": "application/json"}
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return stage.client.put(address(name), content=body, headers=headers)


def test_a_description_is_entered_replaced_and_read(shared_stage: Stage) -> None:
    item = new_item()
    assert shared_stage.client.get(address(item)).status_code == 404
    assert put(shared_stage, item, LAMP).status_code == 201
    assert put(shared_stage, item, LAMP).status_code == 204
    assert put(shared_stage, item, {**LAMP, "name": {"en": "Bulb"}}).status_code == 204
    read = shared_stage.client.get(address(item)).json()
    assert read == {"item": item, "partner": shared_stage.brand, "kind": "product", "name": {"en": "Bulb"}}


def test_a_place_keeps_all_that_is_said_of_it(shared_stage: Stage) -> None:
    assert put(shared_stage, "https://id.gs1.org/414/9521321000018", PLACE).status_code == 201
    read = shared_stage.client.get("/v1/items/414/9521321000018").json()
    assert {**PLACE, "item": "https://id.gs1.org/414/9521321000018", "partner": shared_stage.brand} == read


def test_an_item_described_by_another_partner_is_not_yours(shared_stage: Stage) -> None:
    item = new_item()
    put(shared_stage, item, LAMP)
    other = shared_stage.add_partner(f"did:web:other-{secrets.token_hex(4)}.example", Role.BRAND)
    answer = put(shared_stage, item, {**LAMP, "name": {"en": "Mine"}}, other)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "not-your-item")
    assert shared_stage.client.get(address(item)).json()["name"] == LAMP["name"]


def test_a_carrier_describes_places_but_no_products(shared_stage: Stage) -> None:
    item = new_item()
    answer = put(shared_stage, item, LAMP, shared_stage.carrier)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (403, "role-may-not-describe")
    called_a_place = put(shared_stage, item, {**LAMP, "kind": "place"}, shared_stage.carrier)
    assert (called_a_place.status_code, called_a_place.json()["type"]) == (403, answer.json()["type"])
    assert shared_stage.client.get(address(item)).status_code == 404
    depot = {"kind": "place", "name": {"en": "Depot"}}
    gln = f"952{secrets.randbelow(10**9):09}"
    place = f"https://id.gs1.org/414/{gln}{check_digit(gln)}"
    assert put(shared_stage, place, depot, shared_stage.carrier).status_code == 201


def test_every_form_of_a_path_describes_the_same_item(shared_stage: Stage) -> None:
    item = new_item() + "%2FB"
    with_lot = item.replace("/21/", "/10/LOT/21/")
    assert put(shared_stage, with_lot, LAMP).status_code == 201
    assert shared_stage.client.get(address(item)).json()["item"] == item


def test_two_first_descriptions_at_once_end_as_one(shared_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look, neither sees the other, both insert: the second finds the first and replaces it."""
    if shared_stage.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time")
    item, both_looked, answers = new_item(), threading.Barrier(2, timeout=10), []
    look = service._owner
    looked: set[int] = set()

    def looking(*arguments: Any) -> Any:
        found = look(*arguments)
        if threading.get_ident() not in looked:
            looked.add(threading.get_ident())
            both_looked.wait()
        return found

    monkeypatch.setattr(service, "_owner", looking)

    def describe() -> None:
        with writing(shared_stage.engine) as connection:
            answers.append(service.describe(connection, shared_stage.brand, item, Description.model_validate(LAMP)))

    threads = [threading.Thread(target=describe) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, True]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "animal"}, "/kind"),
        ({"kind": None}, "/kind"),
        ({"name": {}}, "/name"),
        ({"name": {"EN": "Lamp"}}, "/name/EN/[key]"),
        ({"name": {"en": " "}}, "/name/en"),
        ({"name": {"en": "x" * 2001}}, "/name/en"),
        ({"name": {"en": "a\0b"}}, "/name/en"),
        ({"colour": "red"}, "/colour"),
        ({"image": "https://elsewhere.example/a.png"}, "/image"),
        ({"image": "//elsewhere.example/a.png"}, "/image"),
        ({"image": "javascript:alert(1)"}, "/image"),
        ({"country": "China"}, "/country"),
        ({"geo": [91, 0]}, "/geo/0"),
        ({"geo": [0, 181]}, "/geo/1"),
        ({"geo": [0]}, "/geo/1"),
        ({"limits": {"Temperature": {"min": 2}}}, "/limits/Temperature/uom"),
        ({"limits": {"Temperature": {"min": 8, "max": 2, "uom": "CEL"}}}, "/limits/Temperature"),
    ],
)
def test_a_wrong_description_is_refused_with_its_place(
    shared_stage: Stage, change: dict[str, Any], pointer: str
) -> None:
    item = new_item()
    answer = put(shared_stage, item, {**LAMP, **change})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json"), answer.text
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}
    assert shared_stage.client.get(address(item)).status_code == 404


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"kind": "product", "name": {"en": "\\ud800"}}', b"[" * 100_000, b'{"geo": [NaN, 0]}', b"\xff"],
)
def test_a_body_that_is_no_description_at_all_is_refused(shared_stage: Stage, content: bytes) -> None:
    answer = put(shared_stage, new_item(), content)
    assert (answer.status_code // 100, answer.headers["content-type"]) == (4, "application/problem+json"), answer.text


@pytest.mark.parametrize("path", ["/01/09521234543210", "/01/x", "/98/1", "/", "/01/09521234543213/21/%00"])
def test_a_malformed_key_is_refused_with_the_reason(shared_stage: Stage, path: str) -> None:
    for answer in (put(shared_stage, path, LAMP), shared_stage.client.get(f"/v1/items{path}")):
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "malformed-key")
        assert answer.json()["detail"]


@pytest.mark.parametrize(
    "path", ["/01/09521234543210.svg", "/01/x.png", "/98/1.svg", "/.svg", "/01/09521234543213/21/%00.png"]
)
def test_a_label_for_a_malformed_key_is_refused_with_the_reason(shared_stage: Stage, path: str) -> None:
    answer = shared_stage.client.get(f"/v1/labels{path}")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("path", ["/01/09521234543213", "/01/09521234543213.gif", "/x"])
def test_a_label_has_an_ending_that_we_print(shared_stage: Stage, path: str) -> None:
    assert shared_stage.client.get(f"/v1/labels{path}").status_code == 404


def test_a_label_tells_nothing_of_what_exists(shared_stage: Stage) -> None:
    known, unknown = "https://id.gs1.org/01/09521234543213/21/KNOWN", "https://id.gs1.org/01/09521234543213/21/UNSAID"
    put(shared_stage, known, LAMP)
    answers = [shared_stage.client.get(address(name).replace("items", "labels") + ".svg") for name in (known, unknown)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].headers.keys() == answers[1].headers.keys()
    assert answers[0].headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("query", ["x=0", "x=nan", "x=1e9", "text=maybe"])
def test_a_label_of_an_impossible_size_is_refused_by_name(shared_stage: Stage, query: str) -> None:
    answer = shared_stage.client.get(f"/v1/labels/01/09521234543213.svg?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, query.partition("=")[0])
