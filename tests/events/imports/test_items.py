"""Items described by spreadsheet: by form and by file the same is refused, and an empty cell changes nothing."""

from typing import Any

from chain_service.partners.roles import Role
from tests.events.imports.sheets import csv_of, errors, posted, read, told
from tests.events.milestones.posting import new_gtin
from tests.stage import Stage

HEADER = ["GTIN", "Name (English)", "名称（中文）", "Temperature min (CEL)", "Temperature max (CEL)", "Country"]


def described(stage: Stage, path: str) -> dict[str, Any]:
    answer = stage.client.get(f"/v1/items/{path}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_items_are_described_and_what_was_said_before_stays(shared_stage: Stage) -> None:
    stage, gtin = shared_stage, new_gtin()
    headers = {"Authorization": f"Bearer {stage.tokens[stage.brand]}"}
    before = {
        "kind": "product", "name": {"en": "Old", "fr": "Vieux"}, "image": "/samples/formula.svg",
        "limits": {"RelativeHumidity": {"max": 60, "uom": "P1"}},
    }  # fmt: skip
    assert stage.client.put(f"/v1/items/01/{gtin}", json=before, headers=headers).status_code == 201
    made = read(stage, csv_of([HEADER, [gtin, "New", "新", "2", "6.5", "nz"]]), kind="items")
    assert (made["rows"], made["wrong"]) == (1, 0), errors(stage, made["id"])
    assert made["preview"][0]["name"] == {"en": "New", "zh": "新"}
    assert posted(stage, made["id"])["posted"] == 1
    found = described(stage, f"01/{gtin}")
    assert found["name"] == {"en": "New", "zh": "新", "fr": "Vieux"}
    assert found["limits"] == {
        "RelativeHumidity": {"max": 60, "uom": "P1"},
        "Temperature": {"min": 2, "max": 6.5, "uom": "CEL"},
    }
    assert (found["image"], found["country"]) == ("/samples/formula.svg", "NZ")


def test_places_and_lots_are_described_by_their_codes(shared_stage: Stage) -> None:
    gtin = new_gtin()
    rows = [
        ["Item", "Lot", "Kind", "Name"],
        ["9521321000018", "", "place", "Gate 4"],
        [gtin, "", "产品", "Milk"],
        [gtin, "L1", "", "Milk of May"],
    ]
    made = read(shared_stage, csv_of(rows), kind="items")
    assert errors(shared_stage, made["id"]) == []
    assert posted(shared_stage, made["id"])["posted"] == 3
    assert described(shared_stage, "414/9521321000018")["kind"] == "place"
    assert described(shared_stage, f"01/{gtin}/10/L1")["name"] == {"en": "Milk of May"}


def test_wrong_rows_are_named_by_cell(shared_stage: Stage) -> None:
    stage, gtin = shared_stage, new_gtin()
    theirs = new_gtin()
    stage.client.put(
        f"/v1/items/01/{theirs}",
        json={"kind": "product", "name": {"en": "x"}},
        headers={"Authorization": f"Bearer {stage.tokens[other_brand(stage)]}"},
    )
    rows = [
        HEADER,
        [gtin, "Milk", "", "9", "6", ""],
        [gtin[:-1] + str((int(gtin[-1]) + 1) % 10), "Milk", "", "", "", ""],
        [new_gtin(), "", "", "", "", ""],
        [new_gtin(), "Milk", "", "cold", "", ""],
        [new_gtin(), "Milk", "", "", "", "New Zealand"],
        [theirs, "Milk", "", "", "", ""],
        [gtin, "Milk", "", "", "", ""],
        [gtin, "Milk again", "", "", "", ""],
    ]
    made = read(stage, csv_of(rows), kind="items")
    assert told(errors(stage, made["id"])) == [
        ("D2", "limits-out-of-order"),
        ("A3", "malformed-item"),
        ("B4", "missing-name"),
        ("D5", "not-a-number"),
        ("F6", "unknown-country"),
        ("A7", "not-your-item"),
        (None, "repeated-row"),
    ]
    assert posted(stage, made["id"])["posted"] == 1


def other_brand(stage: Stage) -> str:
    return stage.add_partner(f"did:web:other-{new_gtin()}.example", Role.BRAND)


def test_who_may_not_describe_products_is_told_so(shared_stage: Stage) -> None:
    stage = shared_stage
    made = read(stage, csv_of([HEADER, [new_gtin(), "Milk", "", "", "", ""]]), stage.carrier, kind="items")
    assert [each["code"] for each in errors(stage, made["id"], stage.carrier)] == ["role-may-not-describe"]
